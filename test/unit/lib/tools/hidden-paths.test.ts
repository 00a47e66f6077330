import { describe, expect, test } from "@jest/globals";
import { hiddenPaths, otherHomes } from "../../../../lib/tools/hidden-paths.ts";

describe("hidden paths", () => {
  test("G29 credentials of the home folder and the data folder are hidden", () => {
    const hidden = hiddenPaths("/home/ada", "/srv/work/jarvis");
    for (const path of [
      ".ssh",
      ".aws",
      ".gnupg",
      ".config/gh",
      ".kube",
      ".docker",
      ".netrc",
      ".npmrc",
      ".git-credentials",
      ".claude/.credentials.json",
      ".config/github-copilot",
      ".config/configstore",
      ".cloudflared",
      ".authinfo",
      "Library/Group Containers",
    ])
      expect(hidden).toContain(`/home/ada/${path}`);
    expect(hidden).toContain("/srv/work/jarvis");
  });

  test("G29 secrets of the system, and of other users whose homes a root contains, are hidden too", async () => {
    const hidden = hiddenPaths("/home/ada", "/srv/jarvis", ["/home/bob", "/root"]);
    for (const path of [
      "/etc/shadow",
      "/etc/ssh/ssh_host_ed25519_key",
      "/run/secrets",
      "/Library/Keychains",
      "/home/bob/.ssh",
      "/root/.aws",
    ])
      expect(hidden).toContain(path);
  });

  test("homes of others are those within a root, and those that a root lies in", async () => {
    expect(await otherHomes("/home/ada", ["/home/ada", "/srv"])).toEqual([]);
    expect(await otherHomes("/home/ada", ["/"])).toContain("/root");
    expect(await otherHomes("/home/ada", ["/root/work"])).toEqual(["/root"]);
    expect(await otherHomes("/root", ["/"])).not.toContain("/root");
  });

  test("a relative folder is refused, because it would hide something else", () => {
    expect(() => hiddenPaths("ada", "/srv")).toThrow("absolute");
    expect(() => hiddenPaths("/home/ada", "/srv", ["bob"])).toThrow("absolute");
  });
});
