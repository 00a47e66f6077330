import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { fillSpec } from "../../../../mac-node/mcp/on-server/fill-spec.ts";
import type { McpSpec } from "../../../../mac-node/mcp/spec.ts";

const VARIABLES: Record<string, string> = {
  KEY: "secret-one-two",
  HOME: "/home/me",
  EMPTY: "",
  URL: "https://example.com",
};
let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "macjarvis-fill-")));
});
afterEach(() => rmSync(root, { recursive: true }));

const fill = (spec: McpSpec) =>
  fillSpec(spec, {
    variable: (name) => VARIABLES[name],
    isHarmless: (name) => name === "HOME",
    roots: [root],
  });

test("variables are put in wherever they are named, and what otherwise holds where they are not set", async () => {
  const { spec } = await fill({
    command: "${HOME}/bin/server",
    args: ["--key=${KEY}", "${NONE:-usual}", "${EMPTY:-}", "$KEY"],
    env: { A: "${KEY}-${KEY}", B: "${EMPTY:-https://a/?b=c:-d}" },
  });
  expect(spec).toMatchObject({
    command: "/home/me/bin/server",
    args: ["--key=secret-one-two", "usual", "", "$KEY"],
    env: { A: "secret-one-two-secret-one-two", B: "https://a/?b=c:-d" },
  });
});

test("a value is put in as it is: what looks like a reference in it is none", async () => {
  VARIABLES.TRICKY = "${KEY} $& $1";
  const { spec } = await fill({ command: "x", args: ["${TRICKY}"] });
  expect(spec).toMatchObject({ args: ["${KEY} $& $1"] });
});

test.each([
  ["${NONE}", /variable NONE is not set/],
  ["${}", /names no variable/],
  ["${a b}", /names no variable/],
  ["${env:KEY}", /names no variable/],
  ["${KEY", /names no variable/],
])("%s is refused in words without a value", async (text, words) => {
  await expect(fill({ command: "x", env: { A: text, B: "${KEY}" } })).rejects.toThrow(words);
});

test("what nobody may see is known: variables, headers, keys in addresses, what is called like a secret", async () => {
  const program = await fill({
    command: "${HOME}/x",
    args: ["${KEY}"],
    env: { API_TOKEN: "inline-token", LEVEL: "debug" },
  });
  expect(program.secrets.toSorted()).toEqual(["inline-token", "secret-one-two"]);
  const address = await fill({
    url: "${URL}/s/0123456789abcdef0123/mcp?key=in-the-query",
    headers: { Authorization: "Bearer in-a-header", Accept: "application/json" },
  });
  expect(address.secrets.toSorted()).toEqual(
    [
      "0123456789abcdef0123",
      "Bearer in-a-header",
      "https://example.com",
      "in-a-header",
      "in-the-query",
    ].toSorted(),
  );
});

test.each([
  "ftp://example.com",
  "file:///etc/passwd",
  "nonsense",
  "https://user:word@example.com",
  "https://user@example.com",
])("the address %s is refused", async (url) => {
  await expect(fill({ url })).rejects.toThrow(/its url/);
});

test("a folder is one that tools may touch, wherever a link leads", async () => {
  expect((await fill({ command: "x", cwd: root })).spec).toMatchObject({ cwd: root });
  symlinkSync("/etc", join(root, "link"));
  for (const cwd of ["/etc", join(root, "link"), join(root, "..")])
    await expect(fill({ command: "x", cwd })).rejects.toThrow(/TOOL_ROOTS/);
  for (const cwd of [join(root, "none"), "relative"])
    await expect(fill({ command: "x", cwd })).rejects.toThrow(/no folder/);
});
