import { describe, expect, test } from "@jest/globals";
import { hiddenPaths } from "../../../../lib/tools/hidden-paths.ts";

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
    ])
      expect(hidden).toContain(`/home/ada/${path}`);
    expect(hidden).toContain("/srv/work/jarvis");
  });

  test("a relative folder is refused, because it would hide something else", () => {
    expect(() => hiddenPaths("ada", "/srv")).toThrow("absolute");
  });
});
