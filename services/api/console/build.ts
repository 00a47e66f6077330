// What a browser loads of the console: `web/main.ts` and all it imports, types stripped, each import named as it is served. Runs in a
// thread of its own (build-worker.ts), once.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { LIBRARIES } from "./libraries.ts";
import { type Page, pageHtml } from "./page.ts";

/** `version` is of all files together: with it in their addresses they may be kept for good. */
export type Built = { version: string; html: string; files: Map<string, { type: string; body: string }> };

const ROOT = join(import.meta.dirname, "../../..");
const MODULES = "node_modules/";
/** Of our own code the console runs these folders; types come from others, and are stripped. */
const SERVED = /^(web|lib\/client|contracts)\//;
const ENTRY = "web/main.ts";
/** Runs before the page is painted. */
const FIRST = "web/first.ts";
const ICON = "web/icon.svg";
const IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g;

type Module = { code: string; imports: string[] };

/** @throws Error that names the import which may not be served */
export async function buildConsole(): Promise<Built> {
  const modules = new Map<string, Module>();
  await addModule(ENTRY, modules);
  await addModule(FIRST, modules);
  const styles = (await readdir(join(ROOT, "web/styles"))).filter((name) => name.endsWith(".css")).toSorted();
  // What the others build upon comes first.
  const ordered = ["base.css", ...styles.filter((name) => name !== "base.css")];
  const texts = new Map<string, string>([...modules].map(([path, { code }]) => [path, code]));
  for (const path of [...ordered.map((name) => `web/styles/${name}`), ICON])
    texts.set(path, await readFile(join(ROOT, path), "utf8"));
  const files = new Map([...texts].map(([path, body]) => [nameOf(path), { type: typeOf(path), body }]));
  if (files.size !== texts.size) throw new Error("two files of the console have one name");
  const page: Page = {
    entry: nameOf(ENTRY),
    first: nameOf(FIRST),
    icon: nameOf(ICON),
    styles: ordered.map((name) => nameOf(`web/styles/${name}`)),
    modules: reached(ENTRY, modules).map(nameOf),
  };
  const version = fingerprint([...texts.values(), JSON.stringify(page)]);
  return { version, html: pageHtml(page, version), files };
}

async function addModule(path: string, modules: Map<string, Module>): Promise<void> {
  if (modules.has(path)) return;
  const source = await readFile(join(ROOT, path), "utf8");
  const text = path.endsWith(".ts") ? stripTypeScriptTypes(source, { mode: "strip" }) : source;
  const imports: string[] = [];
  const dynamic: string[] = [];
  const code = text.replace(IMPORT, (whole, before: string, quote: string, name: string) => {
    const found = resolve(name, path);
    if (found === undefined) return whole;
    (before.includes("(") ? dynamic : imports).push(found);
    return `${before}${quote}./${nameOf(found)}${quote}`;
  });
  modules.set(path, { code, imports });
  for (const found of [...imports, ...dynamic]) await addModule(found, modules);
}

/** The file that an import names. @returns undefined for words that only look like an import of a library */
function resolve(name: string, from: string): string | undefined {
  if (name.startsWith(".")) {
    const path = relative(ROOT, join(ROOT, dirname(from), name));
    const isServed = path.startsWith(MODULES)
      ? Object.values(LIBRARIES).includes(path.slice(MODULES.length))
      : SERVED.test(path) && path.endsWith(".ts");
    if (isServed) return path;
  } else if (Object.hasOwn(LIBRARIES, name)) return MODULES + LIBRARIES[name];
  else if (from.startsWith(MODULES)) return undefined;
  throw new Error(`${from} imports ${name}, which the console may not load`);
}

/** All that a module loads at once, nearest first. */
function reached(entry: string, modules: Map<string, Module>): string[] {
  const found = new Set([entry]);
  for (const path of found) for (const next of modules.get(path)?.imports ?? []) found.add(next);
  return [...found];
}

/** One step of an address, whatever the folders. */
function nameOf(path: string): string {
  const name = path.startsWith(MODULES) ? path.slice(MODULES.length) : path;
  return name
    .replace(/\.(ts|mjs)$/, ".js")
    .replaceAll("/", ".")
    .replace("@", "");
}

function typeOf(path: string): string {
  if (path.endsWith(".css")) return "text/css; charset=utf-8";
  if (path.endsWith(".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

function fingerprint(texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("base64url").slice(0, 16);
}
