import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sendWelcome } from "../../../../services/api/welcome.ts";

const server = createServer((request, response) => {
  sendWelcome(request, response);
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

const page = (language?: string) =>
  fetch(url, { headers: { connection: "close", ...(language ? { "accept-language": language } : {}) } });

describe("the page at the address of the server", () => {
  test.each([
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "请用浏览器打开这个地址"],
    ["en-US,en;q=0.9,zh;q=0.5", "en", "Open this address in a browser"],
    ["de", "en", "Open this address in a browser"],
    ["zh;q=0, en", "en", "Open this address in a browser"],
    [undefined, "en", "Open this address in a browser"],
    ["*;;q=,zh;q=x", "en", "Open this address in a browser"],
  ])("asked for in %s is in %s", async (accepted, language, words) => {
    const response = await page(accepted);
    expect(response.headers.get("content-language")).toBe(language);
    expect(await response.text()).toContain(words);
  });

  test("has the address it was asked by in its commands, and every command can be copied as it stands", async () => {
    for (const language of ["zh", "en"]) {
      const text = await (await page(language)).text();
      expect(text).toContain(`MACJARVIS_URL=${url} npm run chat\n`);
      expect(text).toMatch(
        /curl -N http:\S+\/agent\/chat \\\n {4}-H "Authorization: Bearer \$MACJARVIS_KEY"/,
      );
      expect(text).toContain("export MACJARVIS_KEY=$(cat ~/.macjarvis/owner.key)");
    }
  });
});
