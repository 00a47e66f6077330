// The built console, kept in node_modules/.cache: `npm ci` makes it there, so that nobody who opens the address waits for the bundler. It is
// built anew where the sources are others, or the folder holds none.
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Built } from "./build.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, "node_modules/.cache/macjarvis");
const FILE = join(FOLDER, "console.json");
/** All that the console is made of; the lock file stands for the packages of others. */
const SOURCES = ["web", "lib/client", "contracts", "services/api/console"];
const LOCK_FILE = "package-lock.json";
/** All files, as JSON. */
const MOST_BYTES = 64 * 1024 * 1024;

const run = promisify(execFile);

/** @throws Error with the bundler's words */
export async function builtConsole(): Promise<Built> {
  const sources = await fingerprint();
  const kept = await readFile(FILE, "utf8")
    .then(JSON.parse, () => undefined)
    .catch(() => undefined);
  if (kept?.sources === sources) return kept.built as Built;
  const program = fileURLToPath(new URL("./build-process.ts", import.meta.url));
  const { stdout } = await run(process.execPath, [program], { env: {}, maxBuffer: MOST_BYTES });
  await keep(`{"sources":"${sources}","built":${stdout}}`);
  return JSON.parse(stdout) as Built;
}

/** Whole or not at all; where nothing can be written, as in a container, the next start builds again. */
async function keep(text: string): Promise<void> {
  const draft = join(FOLDER, `${randomUUID()}.tmp`);
  try {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(draft, text);
    await rename(draft, FILE);
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function fingerprint(): Promise<string> {
  const folders = await Promise.all(
    SOURCES.map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name)),
    ),
  );
  const paths = [...folders.flat().toSorted(), join(ROOT, LOCK_FILE)];
  const texts = await Promise.all(paths.map((path) => readFile(path)));
  const hash = createHash("sha256");
  for (const [index, text] of texts.entries())
    hash.update(`${paths[index]?.slice(ROOT.length)}:${text.length}:`).update(text);
  return hash.digest("base64url");
}
