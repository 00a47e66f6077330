// What a server hands on to its commands of what it was started with: real processes, started by a shell that holds a folder.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "@jest/globals";
import { notOnLinux, testUnless } from "../../../support/unless.ts";

const INHERITED = pathToFileURL(
  join(import.meta.dirname, "../../../../mac-node/processes/inherited.ts"),
).href;

/** What a command of this server has behind descriptor 40, which a shell opened before it started the server. */
function behind40(prelude: string): string {
  const server = `${prelude}
    import { spawnSync } from "node:child_process";
    process.stdout.write(spawnSync("readlink", ["/proc/self/fd/40"], { encoding: "utf8" }).stdout);`;
  return execFileSync(
    "/bin/bash",
    ["-c", 'exec 40</usr/lib; exec "$@"', "bash", process.execPath, "--input-type=module", "-e", server],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  ).trim();
}

testUnless(notOnLinux)("G29 a descriptor that the server inherited is no way out of the sandbox", () => {
  expect(behind40("")).toBe("/usr/lib");
  expect(behind40(`import { closeInherited } from "${INHERITED}"; closeInherited();`)).toBe("");
});
