// `npm run client:pack -- <folder>`: the client of the API as a package for other people's programs.
import { join, resolve } from "node:path";
import { toError } from "../lib/errors.ts";
import { packClient } from "./pack-client/pack.ts";

try {
  const [, , folder] = process.argv;
  if (folder === undefined)
    throw new Error(
      "Name a folder for the package: npm run client:pack -- <folder>. npm pack <folder> makes one file of it.",
    );
  const out = resolve(folder);
  packClient(join(import.meta.dirname, ".."), out);
  process.stdout.write(`${out}: npm pack it, npm install that file, and import "macjarvis/client"\n`);
} catch (thrown) {
  process.stderr.write(`${toError(thrown).message}\n`);
  process.exitCode = 1;
}
