// Makes the package `macjarvis` with `macjarvis/client` in it: JavaScript for browsers and Node, and the types of everything it can ask.
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closureOf } from "../pack/closure.ts";
import { compile } from "../pack/compile.ts";
import { clearFolder, readPackage } from "../pack/folder.ts";

const NAME = "macjarvis";
const ENTRY = "lib/client/index.ts";
/** Imported for its types alone. */
const OF_TYPES = "zod";

const README = `# macjarvis/client

The client of MacJarvis's HTTP API, for browsers and Node 20 or newer:

    import { Client, runStream } from "macjarvis/client";

    const client = new Client({ url: "http://127.0.0.1:3000", token: () => "<API key>" });
    const { sessions } = await client.call("GET /sessions", { limit: 10 });
    for await (const event of runStream(client, { body: { message: "How full is my disk?" } })) {
      if (event.event === "content") process.stdout.write(event.data.text);
    }

Every route has its types; \`/api/docs\` of a server lists them. A stream that is cut goes on where it was. What the server refuses is thrown as \`ApiError\`,
with its \`code\`, \`status\` and \`retryAfterMs\`.
`;

/**
 * @param root of the repository
 * @param out a folder; of an earlier package in it nothing stays
 * @throws Error in words when there is something else in the folder
 */
export function packClient(root: string, out: string): void {
  const { version, dependencies } = readPackage(root);
  const { files, packages } = closureOf(root, [ENTRY]);
  const scripts = new Set(files.map((file) => file.replace(/\.ts$/, ".js")));
  clearFolder(out, NAME);
  mkdirSync(out, { recursive: true });
  compile(root, [ENTRY], { declaration: true }, (written) =>
    // Of the contracts, only their types.
    cpSync(written, out, {
      recursive: true,
      filter: (path) => !path.endsWith(".js") || scripts.has(path.slice(written.length + 1)),
    }),
  );
  const entry = `./${ENTRY.replace(/\.ts$/, "")}`;
  const description = "The client of MacJarvis's HTTP API, for browsers and Node";
  const its = {
    ...{ name: NAME, version, description, license: "MIT", type: "module", sideEffects: false },
    exports: { "./client": { types: `${entry}.d.ts`, default: `${entry}.js` } },
    engines: { node: ">=20" },
    dependencies: Object.fromEntries([...packages, OF_TYPES].map((name) => [name, dependencies[name]])),
  };
  writeFileSync(join(out, "package.json"), `${JSON.stringify(its, null, 2)}\n`);
  writeFileSync(join(out, "README.md"), README);
  copyFileSync(join(root, "LICENSE"), join(out, "LICENSE"));
}
