import { describe, expect, test } from "@jest/globals";
import { seatbeltCommand, seatbeltProfile } from "../../../../mac-node/sandbox/seatbelt.ts";
import type { VisiblePaths } from "../../../../mac-node/sandbox/visible-paths.ts";

const PATHS: VisiblePaths = {
  roots: ["/Users/ada", "/Volumes/work"],
  home: "/Users/ada",
  homeEntries: ["/Users/ada/Documents"],
  hidden: [{ path: "/Users/ada/.ssh", kind: "folder" }],
  notYet: ["/Users/ada/.netrc"],
  rebuilt: [],
  pinned: ["/Users/ada/Library"],
  readOnly: ["/Users/ada/Library/LaunchAgents"],
  absent: [],
  sealed: [],
  links: ["/Users/ada/Documents/current"],
};

describe("the Seatbelt profile", () => {
  test("G29 everything is denied that is not allowed, the network last of all", () => {
    const lines = seatbeltProfile(PATHS).split("\n");
    expect(lines.slice(0, 2)).toEqual(["(version 1)", "(deny default)"]);
    expect(lines.at(-1)).toBe("(deny network*)");
  });

  test("G29 the home folder is read and only its folders are written; what is hidden, there or not, comes after all that", () => {
    const lines = seatbeltProfile(PATHS).split("\n");
    const order = [
      '(allow file-read* file-write* (subpath "/Volumes/work"))',
      '(allow file-read* (subpath "/Users/ada"))',
      '(deny file-write* (subpath "/Users/ada"))',
      '(allow file-write* (subpath "/Users/ada/Documents"))',
      '(deny file-write* (subpath "/Users/ada/Library/LaunchAgents") (literal "/Users/ada/Documents/current"))',
      "(deny file-write-setugid)",
      '(deny file-write-unlink (literal "/Users/ada/Library"))',
      '(deny file* (with no-log) (subpath "/Users/ada/.ssh") (subpath "/Users/ada/.netrc"))',
    ].map((line) => lines.indexOf(line));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("no rule stands without a path, because it would hold for all", () => {
    const nothing = {
      ...{ roots: [], home: undefined, homeEntries: [], hidden: [], notYet: [], rebuilt: [] },
      ...{ pinned: [], readOnly: [], absent: [], sealed: [], links: [] },
    };
    for (const line of seatbeltProfile(nothing).split("\n"))
      if (line.includes("file-write*") || line.includes("file-read*"))
        expect(line).toMatch(/subpath|literal/);
  });

  test("a quote in a path does not end the rule", () => {
    const profile = seatbeltProfile({ ...PATHS, roots: ['/tmp/a"b\\c'] });
    expect(profile).toContain('(subpath "/tmp/a\\"b\\\\c")');
  });

  test("the command's own words are values that no shell reads", () => {
    const argv = seatbeltCommand({ argv: ["echo", "$(id)"], paths: PATHS });
    expect(argv.slice(0, 2)).toEqual(["/usr/bin/sandbox-exec", "-p"]);
    expect(argv.slice(-4)).toEqual([expect.stringMatching(/exec "\$@"$/), "sh", "echo", "$(id)"]);
  });
});
