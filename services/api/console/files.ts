// The files of the console in memory: read when the first browser comes.
import type { BuiltFile, Encoding } from "./build.ts";
import { builtConsole } from "./kept.ts";

/** What a path is answered with; there is always an `identity`. */
export type Content = { type: string; bodies: Map<Encoding, Buffer> };
export type ConsoleFiles = { version: string; page: Content; files: Map<string, Content> };

let made: Promise<ConsoleFiles> | undefined;

/** A failure is told, and the next request tries again. */
export function consoleFiles(): Promise<ConsoleFiles> {
  made ??= make().catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

async function make(): Promise<ConsoleFiles> {
  const { version, page, files } = await builtConsole();
  const contents = Object.entries(files).map(([name, file]) => [name, contentOf(file)] as const);
  return { version, page: contentOf(page), files: new Map(contents) };
}

function contentOf({ type, bodies }: BuiltFile): Content {
  const decoded = Object.entries(bodies).map(
    ([encoding, body]) => [encoding as Encoding, Buffer.from(body, "base64")] as const,
  );
  return { type, bodies: new Map(decoded) };
}

/** The best of a file's encodings that the client takes (RFC 9110, 12.5.3). */
export function encodingFor({ bodies }: Content, accepted = ""): Encoding {
  const taken = new Set(
    accepted
      .toLowerCase()
      .split(",")
      .map((one) => one.trim().split(/\s*;\s*/))
      .filter(([, quality]) => !/^q=0(\.0*)?$/.test(quality ?? ""))
      .map(([name]) => name),
  );
  return (["br", "gzip"] as const).find((one) => taken.has(one) && bodies.has(one)) ?? "identity";
}
