// What is left of a command line before a model sees it.
import { describe, expect, test } from "@jest/globals";
import { maskSecrets, shownCommand } from "../../../../lib/system/mask-secrets.ts";
import { KEY_PREFIX, REFRESH_PREFIX } from "../../../../services/users/tokens/secrets.ts";

const SECRET = "hunter2horse";

describe("command lines of other processes", () => {
  test.each([
    `--password ${SECRET}`,
    `--password=${SECRET}`,
    `--db-password ${SECRET}`,
    `-token ${SECRET}`,
    `--api-key="${SECRET} more"`,
    `API_KEY=${SECRET}`,
    `secret: ${SECRET}`,
    `{"access_token":"${SECRET}"}`,
    `Authorization: Bearer ${SECRET}`,
    `https://user:${SECRET}@host/path`,
    `https://${SECRET}@host/path`,
    `sk-${SECRET}${SECRET}`,
    `ghp_${SECRET}`,
    `-u user:${SECRET}`,
    `--user 'user:${SECRET}'`,
    `Bearer ${SECRET}`,
    `mysql -u root -p${SECRET}`,
    `sshpass -p ${SECRET} ssh host`,
    `docker login -u me -p ${SECRET}`,
    `redis-cli -h host -a ${SECRET}`,
    `openssl enc -k ${SECRET}`,
    `curl -s -b "sid=${SECRET}"`,
    `aws configure set aws_secret_access_key ${SECRET}`,
    `PASS=$(echo ${SECRET})`,
    `https://host/?a=1&sig=${SECRET}`,
    `{\\"password\\":\\"${SECRET}\\"}`,
    `https://user:p@${SECRET}@host/path`,
    `Cookie: a=b;c=${SECRET}`,
    `eyJhbGciOiJI.${SECRET}.${SECRET}`,
    `-----BEGIN PRIVATE KEY----- ${SECRET} -----END PRIVATE KEY-----`,
    `https://host/?X-Amz-Signature=${SECRET}`,
    `hf_${SECRET}`,
    `${KEY_PREFIX}${SECRET}`,
    `${REFRESH_PREFIX}${SECRET}`,
  ])("G21 masks the value in %s", (text) => {
    expect(maskSecrets(`program ${text} end`)).not.toContain(SECRET);
    expect(maskSecrets(`program ${text} end`)).toMatch(/^program .*\*\*\*.* end$/);
  });

  test.each([
    "/Applications/Monkey Business.app/Contents/MacOS/Keyboard Tool",
    "/usr/sbin/sshd",
    "[kworker/0:1]",
    "skeleton-of-a-program npm-install-peerdeps",
  ])("leaves the harmless text %s", (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  test.each([
    ["arguments", ["/usr/bin/mysql", `-p${SECRET}`], "/usr/bin/mysql"],
    ["arguments without a name", ["sshpass", SECRET], "sshpass"],
    ["what an interpreter is told to run", ["bash", "-c", `echo ${SECRET}`], "bash"],
    ["arguments of a script", ["/usr/bin/node", "server.ts", SECRET], "/usr/bin/node server.ts"],
    ["a first argument that is no script", ["python3", SECRET], "python3"],
    ["arguments written into the program's name", [`worker ${SECRET}`], "worker"],
  ])("G21 leaves out %s", (_what, argv, shown) => {
    expect(shownCommand(argv)).toBe(shown);
  });

  test("is bounded", () => {
    expect(shownCommand(["x".repeat(10_000)])).toHaveLength(200);
  });
});
