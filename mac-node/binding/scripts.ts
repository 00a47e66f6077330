// The programs and scripts that a command names, with their hashes: what is approved is what runs, also when the file was
// changed meanwhile. Data is left out, it changes all the time: only what is code by its mode, its name, its first bytes, or
// its place behind an interpreter counts.
import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, readdir, realpath, stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, resolve } from "node:path";
import type { BoundScript } from "../../contracts/bound.ts";
import { hashOf } from "../../lib/canonical-json.ts";
import type { Boundary } from "../../lib/files/boundary.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { isWithin, SYSTEM_FOLDERS } from "../sandbox/visible-paths.ts";
import { commandWords } from "./command-words.ts";

const CODE =
  /^\.(?:sh|bash|zsh|ksh|fish|command|py|pyw|js|mjs|cjs|ts|mts|cts|jsx|tsx|rb|pl|pm|php|lua|r|jl|tcl|exp|awk|sed|sql|ps1|scpt|applescript|swift|go|rs|jar|mk|gradle|nix|wasm)$/i;
/** Shebang, ELF, and the four of Mach-O. */
const MAGIC = ["2321", "7f454c46", "feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe"];
/** Bytes of a file, and of all together, that are hashed; of more, size and times count. */
const LARGEST = 67_108_864;
const MOST_BYTES = 268_435_456;
/** Files named one by one; the others are one entry. */
const SHOWN = 20;
/** Folders that a command names (`cd there && ./run`), from which its other words are read too. */
const MOST_FOLDERS = 8;
const MOST_LOOKS = 5_000;

/**
 * @param settings.command a command line, `files` what is run whatever it is; both from `folder`, an absolute path
 * @param settings.home what `~` means there
 * @throws ToolFailure `too_many_files`
 */
export async function scriptsOf(
  boundary: Boundary,
  settings: { command?: string | undefined; files?: string[] | undefined; folder: string; home: string },
): Promise<BoundScript[]> {
  const { command = "", files = [], folder, home } = settings;
  const { words, operands } = commandWords(command, home);
  for (const file of files) operands.add(file);
  const named = [...new Set([...words, ...files])];
  const found = new Map<string, boolean>();
  const folders = [folder];
  let looks = 0;
  for (const base of folders) {
    const entries = new Set(await readdir(base).catch(() => []));
    for (const word of named) {
      // Without asking the disk for each word of a long text.
      if (isAbsolute(word) ? base !== folder : !mayBeIn(entries, word)) continue;
      looks += 1;
      if (looks > MOST_LOOKS)
        throw new ToolFailure("too_many_files", "The command names too many files; split it into several.");
      const path = await realpath(resolve(base, word)).catch(() => undefined);
      if (path === undefined || !boundary.allows(path) || isOfSystem(path)) continue;
      found.set(path, (found.get(path) ?? false) || operands.has(word));
      if (folders.length <= MOST_FOLDERS && !folders.includes(path) && (await isFolder(path)))
        folders.push(path);
    }
  }
  return shown(await hashed(boundary, found));
}

function mayBeIn(entries: Set<string>, word: string): boolean {
  const [first = ""] = word.split("/");
  return first === "." || first === ".." || entries.has(first);
}

const isOfSystem = (path: string) => SYSTEM_FOLDERS.some((system) => isWithin(path, system));
const isFolder = (path: string) =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

async function hashed(boundary: Boundary, found: Map<string, boolean>): Promise<BoundScript[]> {
  const scripts: BoundScript[] = [];
  let left = MOST_BYTES;
  for (const [path, isRun] of [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    // Neither a link nor a FIFO nor a device is waited for.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(path, flags).catch(() => undefined);
    if (!handle) continue;
    try {
      const stats = await handle.stat();
      if (!stats.isFile() || !boundary.allows(path, stats)) continue;
      if (!isRun && !(await isCode(handle, path, stats))) continue;
      const isSmall = stats.size <= Math.min(LARGEST, left);
      left -= isSmall ? stats.size : 0;
      scripts.push({ path, sha256: isSmall ? await contentHash(handle) : outsideHash(stats) });
    } finally {
      await handle.close();
    }
  }
  return scripts;
}

async function isCode(handle: FileHandle, path: string, { mode }: Stats): Promise<boolean> {
  if ((mode & 0o111) !== 0 || CODE.test(extname(path))) return true;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const head = buffer.subarray(0, bytesRead).toString("hex");
  return MAGIC.some((magic) => head.startsWith(magic));
}

async function contentHash(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of handle.createReadStream({ start: 0, end: LARGEST, autoClose: false }))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const outsideHash = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats) =>
  hashOf([dev, ino, size, mtimeMs, ctimeMs]);

function shown(scripts: BoundScript[]): BoundScript[] {
  if (scripts.length <= SHOWN) return scripts;
  const rest = scripts.slice(SHOWN);
  const first = rest[0]?.path ?? "";
  return [
    ...scripts.slice(0, SHOWN),
    { path: join(dirname(first), `… ${rest.length} more`), sha256: hashOf(rest) },
  ];
}
