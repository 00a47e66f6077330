import { describe, expect, test } from "@jest/globals";
import { secretsOf } from "../../../../mac-node/secrets/call-secrets.ts";
import { namesIn } from "../../../../mac-node/secrets/placeholders.ts";

const SHELL = { name: "execute_shell_command", risk: "execute" } as const;
const ALL = ["s3cr3t-value", "an0ther-value"];
const source = {
  get: async (name: string) => (name === "TOKEN" ? "s3cr3t-value" : undefined),
  all: async () => ALL,
};

async function put(argv: string[], options = {}) {
  const secrets = await secretsOf(SHELL, [argv, options], source);
  if (!secrets) throw new Error("none");
  return secrets.putIn(argv, options);
}

describe("a call that names a secret", () => {
  test("gets it in the environment of a shell that runs its commands, where the shell puts it in", async () => {
    const { argv, options } = await put(["/bin/bash", "-c", "--", 'curl -H "A: {{secret:TOKEN}}"'], {
      cwd: "/x",
    });
    expect(argv).toEqual(["/bin/bash", "-c", "--", `curl -H "A: $\{MACJARVIS_SECRET_TOKEN}"`]);
    expect(options).toEqual({ cwd: "/x", env: { MACJARVIS_SECRET_TOKEN: "s3cr3t-value" } });
  });

  test("gets it in an environment and an input that its tool makes", async () => {
    const { argv, options } = await put(["/usr/bin/python3", "a.py"], {
      env: { AUTH: "Bearer {{ secret: TOKEN }}", PLAIN: "x" },
      input: "{{secret:TOKEN}}\n",
    });
    expect(argv).toEqual(["/usr/bin/python3", "a.py"]);
    expect(options).toMatchObject({
      env: { AUTH: "Bearer s3cr3t-value", PLAIN: "x" },
      input: "s3cr3t-value\n",
    });
  });

  test.each([
    [["/usr/bin/python3", "a.py", "{{secret:TOKEN}}"]],
    [["/bin/bash", "-c", "--", "true", "{{secret:TOKEN}}"]],
    [["{{secret:TOKEN}}"]],
  ])("is refused where it would stand in an argument of a program: %j", async (argv) => {
    await expect(put(argv)).rejects.toMatchObject({ code: "secret_refused" });
  });

  test.each([
    [{ command: "{{secret:NOPE}}" }, SHELL, source, 'no secret "NOPE"'],
    [{ command: "{{secret:to ken}}" }, SHELL, source, "names no secret"],
    [{ command: "{{secret:}}" }, SHELL, source, "names no secret"],
    [
      { content: "{{secret:TOKEN}}" },
      { name: "write_file", risk: "write" } as const,
      source,
      "runs no command",
    ],
    [{ command: "{{secret:TOKEN}}" }, SHELL, undefined, "This machine keeps no secrets"],
  ])("%j is refused in words", async (args, tool, from, words) => {
    await expect(secretsOf(tool, args, from)).rejects.toMatchObject({
      code: "secret_refused",
      message: expect.stringContaining(words),
    });
  });

  test("has its secrets masked in what it prints", async () => {
    const secrets = await secretsOf(SHELL, { command: "{{secret:TOKEN}}" }, source);
    expect(secrets?.masker.text("got s3cr3t-value")).toBe("got [secret]");
  });

  test("and one that names none have all secrets of the machine masked", async () => {
    for (const command of ["ls", "{{secret:TOKEN}}"]) {
      const secrets = await secretsOf(SHELL, { command }, source);
      expect(secrets?.masker.text("s3cr3t-value an0ther-value")).toBe("[secret] [secret]");
    }
    const reads = await secretsOf({ name: "read_file", risk: "read" }, { path: "x" }, source);
    expect(reads?.putIn(["git", "{{secret:X}}"], {})).toEqual({ argv: ["git", "{{secret:X}}"], options: {} });
  });
});

test("names are found wherever they stand, keys too; a call without any needs nothing", async () => {
  expect(namesIn({ a: ["x {{secret:B}} {{SECRET:C}}"], "{{secret:A}}": 1 })).toEqual(["A", "B", "C"]);
  expect(namesIn(["{{secret}}", "{secret:A}", "{{other:A}}", null, 1])).toEqual([]);
  await expect(secretsOf(SHELL, { command: "ls" }, undefined)).resolves.toBeUndefined();
});
