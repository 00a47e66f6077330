// Executables of a desktop that stand in for those of Linux: each a script of the test's.
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Desktop } from "../../../../../plugins/tools/apps/desktop/linux-desktop.ts";
import { waitFor } from "../../../../support/wait-for.ts";

/** @param scripts by name, for /bin/sh. @param variables of the session */
export async function desktopWith(
  folder: string,
  scripts: Record<string, string>,
  variables: Record<string, string> = { DISPLAY: ":1" },
): Promise<Desktop> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    await chmod(join(bin, name), 0o700);
  }
  return { variables: { ...variables, PATH: bin, STORE: join(folder, "store"), HELD: join(folder, "held") } };
}

/** Settles when there is no such process any more. */
export async function ended(pid: number): Promise<void> {
  await waitFor(`process ${pid} has ended`, async () => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  });
}

/** The process id that a stand-in wrote into `$HELD`. */
export function holderIn(folder: string): Promise<number> {
  return waitFor(
    "a stand-in has written its process id",
    async () => Number(await readFile(join(folder, "held"), "utf8").catch(() => "")) || undefined,
  );
}
