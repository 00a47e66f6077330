// What a browser loads of the console: `web/main.ts` and all it imports, as few files as the pages that are opened one by one allow.
// Runs in a process of its own (build-process.ts), once.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";
import { LIBRARIES } from "./libraries.ts";
import { pageHtml } from "./page.ts";

export type Encoding = "br" | "gzip" | "identity";
/** A file in each encoding that it is served in, as base64. */
export type BuiltFile = { type: string; bodies: Partial<Record<Encoding, string>> };
/** `version` is of all files together: with it in their addresses they may be kept for good. */
export type Built = { version: string; page: BuiltFile; files: Record<string, BuiltFile> };

const ROOT = join(import.meta.dirname, "../../..");
/** Of our own code the console runs these folders. */
const SERVED = /^(web|lib\/client|contracts)\/.*\.ts$/;
const ENTRY = "web/main.ts";
/** What a person who opens the address sees first. */
const FIRST_PAGE = "web/session/session-page.ts";
/** Runs before the page is painted. */
const FIRST = "web/first.ts";

const SCRIPT = "text/javascript; charset=utf-8";
const MAP = "application/json";

/** The last twentieth of its size would take the highest quality many times as long. */
const BROTLI = { [constants.BROTLI_PARAM_QUALITY]: 9 };
const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** @throws Error that names the import which may not be served */
export async function buildConsole(): Promise<Built> {
  const [main, first] = await Promise.all([bundle(ENTRY), bundle(FIRST)]);
  const texts: [name: string, type: string, text: string][] = [
    ["styles.css", "text/css; charset=utf-8", await styles()],
    ["icon.svg", "image/svg+xml", await readFile(join(ROOT, "web/icon.svg"), "utf8")],
  ];
  for (const { fileName, code, map } of [...main, ...first]) {
    texts.push([fileName, SCRIPT, code]);
    // A browser asks for it when somebody looks into the scripts.
    if (map) texts.push([`${fileName}.map`, MAP, map.toString()]);
  }
  const modules = reached([nameOf(ENTRY, main), nameOf(FIRST_PAGE, main)], main);
  const version = fingerprint([...texts.flat(), ...modules]);
  const html = pageHtml({ entry: nameOf(ENTRY, main), first: nameOf(FIRST, first), modules }, version);
  const files = await Promise.all(
    texts.map(async ([name, type, text]) => [name, await encoded(type, text)] as const),
  );
  return {
    version,
    page: await encoded("text/html; charset=utf-8", html),
    files: Object.fromEntries(files),
  };
}

async function encoded(type: string, text: string): Promise<BuiltFile> {
  const body = Buffer.from(text);
  const identity = body.toString("base64");
  if (type === MAP) return { type, bodies: { identity } };
  const [br, gz] = await Promise.all([brotli(body, { params: BROTLI }), zip(body)]);
  return { type, bodies: { br: br.toString("base64"), gzip: gz.toString("base64"), identity } };
}

async function bundle(entry: string): Promise<OutputChunk[]> {
  const build = await rolldown({ input: join(ROOT, entry), cwd: ROOT, plugins: [ONLY_SERVED] });
  try {
    const { output } = await build.generate({
      format: "esm",
      minify: true,
      // While a cluster is upgraded a page may get a part of it from either version: their names still meet.
      minifyInternalExports: false,
      chunkFileNames: "[name].js",
      sourcemap: true,
    });
    return output.filter((one) => one.type === "chunk");
  } finally {
    await build.close();
  }
}

const ONLY_SERVED: Plugin = {
  name: "only-served",
  async resolveId(name, importer, options) {
    const found = await this.resolve(name, importer, { ...options, skipSelf: true });
    const from = importer ? relative(ROOT, importer) : "";
    const path = found ? relative(ROOT, found.id) : "";
    const isOfLibrary = from.startsWith("node_modules/") && path.startsWith("node_modules/");
    if (found && !found.external && (SERVED.test(path) || LIBRARIES.has(name) || isOfLibrary)) return found;
    throw new Error(`${from} imports ${name}, which the console may not load`);
  },
};

async function styles(): Promise<string> {
  const names = (await readdir(join(ROOT, "web/styles"))).filter((name) => name.endsWith(".css")).toSorted();
  // What the others build upon comes first.
  const ordered = ["base.css", ...names.filter((name) => name !== "base.css")];
  return (await Promise.all(ordered.map((name) => readFile(join(ROOT, "web/styles", name), "utf8")))).join(
    "\n",
  );
}

/** @throws Error where no file begins with that module */
function nameOf(path: string, chunks: OutputChunk[]): string {
  const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId === join(ROOT, path));
  if (!chunk) throw new Error(`${path} is in no file of its own`);
  return chunk.fileName;
}

/** All that these files load at once, nearest first. */
function reached(names: string[], chunks: OutputChunk[]): string[] {
  const found = new Set(names);
  for (const name of found)
    for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) found.add(next);
  return [...found];
}

function fingerprint(texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("base64url").slice(0, 16);
}
