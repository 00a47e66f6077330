import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Server, waitText } from "../../../bin/terminal/server.ts";
import { serverAccess } from "../../../bin/terminal/server-access.ts";
import { textsFor } from "../../../bin/terminal/texts.ts";

let home = "";
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-access-"));
  writeFileSync(join(home, "owner.key"), "owner-secret\n");
});
afterAll(() => rmSync(home, { recursive: true }));

const access = (more: object = {}) =>
  serverAccess({
    HOST: "127.0.0.1",
    PORT: 3000,
    MACJARVIS_HOME: home,
    MACJARVIS_URL: undefined,
    MACJARVIS_KEY: undefined,
    ...more,
  });

describe("finding the server", () => {
  test("the local server is asked with the owner's key", () => {
    expect(access()).toEqual({
      url: "http://127.0.0.1:3000",
      key: "owner-secret",
      keyFile: join(home, "owner.key"),
    });
    expect(access({ HOST: "0.0.0.0", PORT: 81 }).url).toBe("http://127.0.0.1:81");
    expect(access({ HOST: "::1" }).url).toBe("http://[::1]:3000");
    expect(access({ MACJARVIS_URL: "http://localhost:4000/" })).toMatchObject({
      url: "http://localhost:4000",
      key: "owner-secret",
    });
  });

  test("the owner's key never goes to another machine", () => {
    const remote = access({ MACJARVIS_URL: "https://jarvis.example" });
    expect(remote.key).toBeUndefined();
    expect(remote.keyProblem).toContain("MACJARVIS_KEY");
    expect(access({ MACJARVIS_URL: "https://jarvis.example", MACJARVIS_KEY: "mine" }).key).toBe("mine");
  });

  test("a command for a shell reads the key where this program read it, and never holds it", () => {
    const inShell = (given: ReturnType<typeof access>) => new Server(given).keyInShell;
    expect(inShell(access())).toBe(`$(cat ${join(home, "owner.key")})`);
    expect(inShell({ url: "http://h", key: "k", keyFile: "/my data/owner's.key" })).toBe(
      "$(cat '/my data/owner'\\''s.key')",
    );
    expect(inShell(access({ MACJARVIS_KEY: "mine" }))).toBe("$MACJARVIS_KEY");
  });

  test("a missing key says where it was looked for", () => {
    expect(access({ MACJARVIS_HOME: "/nowhere" }).keyProblem).toContain("/nowhere/owner.key");
  });

  test("a wait is told in seconds, minutes or hours with the time of day", () => {
    const noon = new Date(2026, 0, 1, 12, 0).getTime();
    const [en, zh] = [textsFor("en"), textsFor("zh")];
    expect(waitText(41_200, en, noon)).toBe("42 s");
    expect(waitText(12 * 60_000, en, noon)).toBe("12 min (at 12:12)");
    expect(waitText(9 * 3_600_000, en, noon)).toBe("9 h (at 21:00)");
    expect(waitText(12 * 60_000, zh, noon)).toBe("12 分钟（12:12）");
  });
});
