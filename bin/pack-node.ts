// `npm run node:pack -- <folder>`: the package of a Mac's program, for `npm pack` and `npm install -g`.
import { join, resolve } from "node:path";
import { toError } from "../lib/errors.ts";
import { packNode } from "./pack-node/pack.ts";

const ROOT = join(import.meta.dirname, "..");

try {
  const [, , folder] = process.argv;
  if (folder === undefined)
    throw new Error(
      "Name a folder for the package: npm run node:pack -- <folder>. npm pack <folder> makes one file of it.",
    );
  const out = resolve(folder);
  const { files, packages } = packNode(ROOT, out);
  process.stdout.write(`${out}: ${files.length} files, needs ${packages.join(", ")}\n`);
} catch (thrown) {
  process.stderr.write(`${toError(thrown).message}\n`);
  process.exitCode = 1;
}
