// Covers over nothing: bubblewrap can only mount on what is there, so it makes an empty folder where a command must not make
// one, and it is taken away when no command has a cover there any more. Of a server that is killed an empty folder stays.
import { rmdir } from "node:fs/promises";

/** Commands that have a cover at a path; or the work of taking its folder away. */
type Cover = { commands: number; removing: Promise<void> | undefined };
const covers = new Map<string, Cover>();

/** Whether what is at this path is only such a folder. */
export const isCover = (path: string): boolean => covers.has(path);

/**
 * To be called before bubblewrap starts; it makes the folders.
 * @returns to be called when nothing of the command is left
 */
export async function takeCovers(paths: string[]): Promise<() => Promise<void>> {
  for (const path of paths) {
    // A folder that is taken away now would take the new cover with it.
    while (covers.get(path)?.removing) await covers.get(path)?.removing;
    const cover = covers.get(path) ?? { commands: 0, removing: undefined };
    cover.commands += 1;
    covers.set(path, cover);
  }
  return async () => {
    await Promise.all(paths.map(leave));
  };
}

async function leave(path: string): Promise<void> {
  const cover = covers.get(path);
  if (!cover) return;
  cover.commands -= 1;
  if (cover.commands > 0) return;
  // One that is not empty belongs to somebody by now.
  cover.removing = rmdir(path).catch(() => undefined);
  await cover.removing;
  covers.delete(path);
}
