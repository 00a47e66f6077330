// The paths no tool may see, in one list: the data folder and where programs keep credentials. Read by the node for its
// sandbox and for `ToolContext.hidden`, which file tools check.
import { readdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { isInside } from "../files/path-names.ts";
import { CREDENTIALS, SYSTEM_SECRETS } from "./credential-places.ts";

/**
 * Absolute paths no tool may see, whether they exist or not.
 * @param home the user's home folder
 * @param macjarvisHome the data folder, wherever it lies
 * @param others home folders of other users that tools can reach
 */
export function hiddenPaths(home: string, macjarvisHome: string, others: string[] = []): string[] {
  const homes = [home, ...others];
  if (![...homes, macjarvisHome].every(isAbsolute)) throw new Error("hiddenPaths needs absolute paths");
  const ofHomes = homes.flatMap((each) => CREDENTIALS.map((path) => join(each, path)));
  return [...new Set([macjarvisHome, ...ofHomes, ...SYSTEM_SECRETS])];
}

const FOLDERS_OF_HOMES = ["/home", "/Users"];
const HOMES_OF_ROOT = ["/root", "/var/root", "/private/var/root"];
/** More are on no machine that somebody works at; each costs some looks at the disk with each call. */
const MOST_HOMES = 20;

/** Home folders of other users, where a root contains them: mostly none. */
export async function otherHomes(home: string, roots: string[]): Promise<string[]> {
  const listed = await Promise.all(
    FOLDERS_OF_HOMES.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      return names.map((name) => join(folder, name));
    }),
  );
  return [...HOMES_OF_ROOT, ...listed.flat()]
    .filter((each) => each !== home && roots.some((root) => isInside(root, each) || isInside(each, root)))
    .slice(0, MOST_HOMES);
}
