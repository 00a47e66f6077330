// What came from the internet stays marked on macOS, whatever it was packed in.
import { expect, test } from "@jest/globals";
import type { CommandResult } from "../../../../../../contracts/tools.ts";
import { keepQuarantine } from "../../../../../../plugins/tools/files/archives/keep-quarantine.ts";
import type { HeldDirectory } from "../../../../../../plugins/tools/files/workspace/held-directory.ts";
import type { OpenFile } from "../../../../../../plugins/tools/files/workspace/open-file.ts";

const MARK = "0083;65c0e3a1;Safari;2F9A6D0C-1111-4222-8333-444455556666";
const archive = { path: "/Users/ann/Downloads/-a.zip" } as OpenFile;
const folder = { self: () => "/Users/ann/Downloads/.macjarvis-1.tmp" } as HeldDirectory;

async function marked(answers: [exit_code: number, stdout: string][], platform: NodeJS.Platform = "darwin") {
  const argv: string[][] = [];
  const run = (given: string[]) => {
    const [exit_code, stdout] = answers[argv.length] ?? [127, ""];
    argv.push(given);
    return Promise.resolve({ exit_code, stdout } as CommandResult);
  };
  return { said: await keepQuarantine({ run }, archive, folder, platform), argv };
}

test("the mark of the archive is put on all that was in it", async () => {
  const { said, argv } = await marked([
    [0, `${MARK}\n`],
    [0, ""],
  ]);
  expect(said).toEqual({ quarantine: "kept" });
  expect(argv).toEqual([
    ["/usr/bin/xattr", "-p", "com.apple.quarantine", archive.path],
    ["/usr/bin/xattr", "-w", "-r", "-s", "com.apple.quarantine", MARK, folder.self()],
  ]);
});

test("an archive without the mark gives none, and other systems have none", async () => {
  expect((await marked([[1, ""]])).said).toEqual({});
  expect(await marked([], "linux")).toEqual({ said: {}, argv: [] });
});

test("that it could not be put is told", async () => {
  expect(
    (
      await marked([
        [0, MARK],
        [1, ""],
      ])
    ).said,
  ).toEqual({ quarantine: "not kept" });
});
