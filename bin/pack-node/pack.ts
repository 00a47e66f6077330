// Makes the package of a Mac's program: JavaScript that Node 22 runs, with nothing of the repository that it does not need.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NODE_FLAGS } from "../../mac-node/program/install/service.ts";
import { type Closure, closureOf } from "../pack/closure.ts";
import { compile } from "../pack/compile.ts";
import { clearFolder, type Package, readPackage } from "../pack/folder.ts";
import { programEntries } from "./entries.ts";

const README = `# macjarvis-node

Pairs this machine (macOS or Linux, Node 22.19 or newer) with a MacJarvis server and runs its tools:

    npm install -g macjarvis-node
    macjarvis-node join <address of the server> <pairing code>
    macjarvis-node install

\`macjarvis-node --help\` lists the commands. What the machine may be used for, its owner says in
\`~/.macjarvis-node/policy.json\` (\`macjarvis-node policy edit\`).
`;

const NAME = "macjarvis-node";
/** Read by its place: lib/tools/catalogue.ts. */
const CATALOGUE = "plugins/tools/catalogue.json";
/** Of the program's first file, which Node is started by; `env` takes more than one word with -S. */
const FIRST_LINE = `#!/usr/bin/env -S node ${NODE_FLAGS.join(" ")}`;

/**
 * @param root of the repository
 * @param out a folder; of an earlier package in it nothing stays
 * @throws Error in words when mac-node/package.json does not name what is imported, or there is something else in the folder
 */
export function packNode(root: string, out: string): Closure {
  const closure = closureOf(root, programEntries(root));
  const [whole, own] = [readPackage(root), readPackage(join(root, "mac-node"))];
  const faults = packageFaults(closure, whole, own);
  if (faults.length > 0) throw new Error(`mac-node/package.json is not right:\n${faults.join("\n")}`);
  clearFolder(out, NAME);
  const named = realNames(own);
  write(root, closure, out, named.rename);
  // Whatever reads its version finds it where the repository has its own.
  writeFileSync(
    join(out, "package.json"),
    `${JSON.stringify({ ...own, dependencies: named.dependencies }, null, 2)}\n`,
  );
  for (const file of ["LICENSE", CATALOGUE]) copyFileSync(join(root, file), join(out, file));
  writeFileSync(join(out, "README.md"), README);
  const program = join(out, "bin/node.js");
  writeFileSync(program, readFileSync(program, "utf8").replace(/^#!.*/, FIRST_LINE));
  chmodSync(program, 0o755);
  return closure;
}

/** The packages that the program imports, in the versions of the repository; no other. */
export function packageFaults({ packages }: Closure, whole: Package, own: Package): string[] {
  const wanted = packages.map((name) => [name, whole.dependencies[name]] as const);
  return [
    ...wanted.flatMap(([name, version]) =>
      own.dependencies[name] === version ? [] : [`  "${name}" has to be "${version}"`],
    ),
    ...Object.keys(own.dependencies)
      .filter((name) => !packages.includes(name))
      .map((name) => `  "${name}" is not imported`),
    ...(own.version === whole.version ? [] : [`  the version has to be "${whole.version}"`]),
  ];
}

/**
 * Packages that the repository calls otherwise than they are called get their own names: a package that others install cannot say which
 * one is meant where a third one wants another `nats`.
 */
function realNames({ dependencies }: Package) {
  const real = new Map<string, string>();
  const entries = Object.entries(dependencies).map(([name, version]) => {
    const [, own, exact] = /^npm:(.+)@([^@]+)$/.exec(version) ?? [];
    if (!own || !exact) return [name, version];
    real.set(name, own);
    return [own, exact];
  });
  const rename = (code: string) =>
    [...real].reduce((text, [name, own]) => text.replaceAll(`from "${name}"`, `from "${own}"`), code);
  return { dependencies: Object.fromEntries(entries) as Record<string, string>, rename };
}

/** Node 22 does not know `using`, so the types are not only stripped: the compiler writes what it knows. */
function write(root: string, { files }: Closure, out: string, rename: (code: string) => string): void {
  compile(root, files, { noCheck: true }, (written) => {
    for (const file of files.map((path) => path.replace(/\.ts$/, ".js"))) {
      const code = readFileSync(join(written, file), "utf8");
      mkdirSync(dirname(join(out, file)), { recursive: true });
      writeFileSync(join(out, file), rename(code).replaceAll(/(new URL\("\.[^"]+)\.ts"/g, '$1.js"'));
    }
  });
}
