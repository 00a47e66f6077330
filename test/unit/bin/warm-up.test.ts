// What a process with `agent` knows of models and prices as soon as it has started, before anybody has asked.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { modelSettings } from "../../../bin/start/model-settings.ts";
import { readEnvironment } from "../../../lib/env.ts";
import { openModels } from "../../../plugins/models/registry.ts";
import { environment } from "../../support/environment.ts";
import { waitFor } from "../../support/wait-for.ts";

test.each([
  ["a model that is named", { DEFAULT_MODEL: "openai/served" }],
  ["a model that only the server can name", {}],
])(
  "the model server is asked at the start, with %s, and the first question asks it nothing",
  async (_case, named) => {
    let looks = 0;
    const server = createServer((_request, response) => {
      looks += 1;
      response.end(JSON.stringify({ data: [{ id: "served", max_model_len: 4_242 }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    try {
      const models = openModels(modelSettings(readEnvironment({ OPENAI_BASE_URL: url, ...named })));
      const served = await waitFor("what the server told is known", () => {
        const info = models.find(models.default)?.info;
        return info?.context_window === 4_242 && info;
      });
      expect(served.id).toBe("openai/served");
      expect((await models.list())[0]).toEqual(served);
      expect(looks).toBe(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);

test("the first question for a price reads no file", async () => {
  const prices = join(import.meta.dirname, "../../../plugins/models/prices.ts");
  const script = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const { costMicro } = await import(${JSON.stringify(prices)});
    fs.readFileSync = () => { throw new Error("it is read now"); };
    syncBuiltinESMExports();
    process.stdout.write(String(costMicro("openai/gpt-4o-mini", 1_000_000, 0)));`;
  const { stdout } = await promisify(execFile)(
    join(import.meta.dirname, "../../../node_modules/.bin/node"),
    ["--input-type=module", "-e", script],
    { env: environment() },
  );
  expect(stdout).toBe("150000");
});
