// The files of plugins: which there are, and whether one may be opened at all. A FIFO would never end, a device gives for ever,
// a huge file takes the memory, and where a link leads is decided by whoever may write there.
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { toError } from "../errors.ts";

export type PluginFile = { file: string; category: string };
/** A plugin that was skipped, and why, for a person. */
export type BadPlugin = { file: string; problem: string };

/** What this file is called is what all of ours are: JavaScript where they were packed (bin/pack-node). */
const OWN = extname(import.meta.filename);
const USER_FILES = [".ts", ".mjs", ".js"];
/** What may lie beside plugins without being one. */
const NO_PLUGIN = /^\.|\.d\.ts$|\.(md|json|txt)$|^node_modules$/;
const MOST_BYTES = 5_242_880;
const MOST_FILES = 200;

/** The built-in ones: one folder a category. */
export async function builtInFiles(folder: string): Promise<PluginFile[]> {
  const categories = (await list(folder)).filter((entry) => entry.isDirectory());
  const files = await Promise.all(
    categories.map(async ({ name: category }) =>
      (await list(join(folder, category)))
        .filter((entry) => entry.isFile() && extname(entry.name) === OWN && !entry.name.endsWith(".d.ts"))
        .map((entry) => ({ file: join(folder, category, entry.name), category })),
    ),
  );
  return files.flat();
}

/** The user's own; whatever is wrong with one, or with the folder itself, is told of it. Never throws, never waits. */
export async function userFiles(folder: string): Promise<{ files: PluginFile[]; bad: BadPlugin[] }> {
  const entries = await list(folder).catch((thrown: unknown) => toError(thrown));
  if (!Array.isArray(entries))
    return { files: [], bad: [{ file: folder, problem: `it cannot be read: ${entries.message}` }] };
  const files: PluginFile[] = [];
  const bad: BadPlugin[] = [];
  for (const { name } of entries.filter((entry) => !NO_PLUGIN.test(entry.name))) {
    const file = join(folder, name);
    const problem = (await problemOf(file)) ?? (files.length < MOST_FILES ? undefined : TOO_MANY);
    if (problem === undefined) files.push({ file, category: "plugins" });
    else bad.push({ file, problem: `${name}: ${problem}` });
  }
  return { files, bad };
}

const TOO_MANY = `more than ${MOST_FILES} plugins are not loaded`;

/** Judged by what was opened: no link is followed, nothing is waited for. */
async function problemOf(file: string): Promise<string | undefined> {
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using handle = await open(file, flags);
    const stats = await handle.stat();
    if (stats.isDirectory()) return "it is a folder; a plugin is a file";
    if (!stats.isFile()) return "it is no regular file";
    if (!USER_FILES.includes(extname(file))) return `it is none of ${USER_FILES.join(", ")}`;
    if (stats.size > MOST_BYTES) return `it has ${stats.size} bytes; a plugin has at most ${MOST_BYTES}`;
    return undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ELOOP") return "it is a link; put the file itself here";
    // What a socket or a device without a driver gives.
    if (code === "ENXIO" || code === "ENODEV") return "it is no regular file";
    return `it cannot be read: ${toError(thrown).message}`;
  }
}

async function list(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}
