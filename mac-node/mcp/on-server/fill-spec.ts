// What a server is really given: variables of the environment in the place of their names, an address that can be asked, a folder that
// tools may touch. And of all that, what nobody may see again.
import { realpath } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { References } from "../../../lib/mcp/references.ts";
import { namesSecret } from "../../../lib/system/mask-secrets.ts";
import { isWithin } from "../../sandbox/visible-paths.ts";
import type { Filled } from "../mcp-host.ts";
import type { AddressSpec, McpSpec, ProgramSpec } from "../spec.ts";

type Given = {
  /** Of the environment. */
  variable(name: string): string | undefined;
  /** Whether its value may be seen by everybody: the home folder is no secret. */
  isHarmless(name: string): boolean;
  /** Folders that tools may touch. */
  roots: readonly string[];
};

/** @throws Error in words that hold no value */
export async function fillSpec(spec: McpSpec, given: Given): Promise<Filled> {
  const secrets = new Set<string>();
  const references = new References((name) => {
    const value = given.variable(name);
    if (value && !given.isHarmless(name)) secrets.add(value);
    return value;
  });
  const filled =
    "url" in spec
      ? fillAddress(spec, references, secrets)
      : await fillProgram(spec, references, given.roots, secrets);
  return { spec: filled, secrets: [...secrets].filter((value) => value.trim() !== "") };
}

/** Of a part of an address: shorter ones are words, such as `mcp` and `messages`. */
const LEAST_OF_A_KEY = 16;
const PLAIN_HEADERS = ["accept", "accept-language", "content-type", "user-agent"];

function fillAddress(spec: AddressSpec, references: References, secrets: Set<string>): AddressSpec {
  const url = URL.parse(references.fill(spec.url));
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error("its url is no http:// or https:// address");
  if (url.username !== "" || url.password !== "")
    throw new Error("its url has a user or a password in it: send them as a header");
  for (const part of url.pathname.split("/")) if (part.length >= LEAST_OF_A_KEY) secrets.add(part);
  for (const value of url.searchParams.values()) secrets.add(value);
  const headers = references.fillAll(spec.headers);
  for (const [name, value] of Object.entries(headers)) {
    if (PLAIN_HEADERS.includes(name.toLowerCase())) continue;
    secrets.add(value);
    // Behind `Bearer`.
    secrets.add(value.replace(/^\S+ /, ""));
  }
  return { ...spec, url: url.href, headers };
}

async function fillProgram(
  spec: ProgramSpec,
  references: References,
  roots: readonly string[],
  secrets: Set<string>,
): Promise<ProgramSpec> {
  const env = references.fillAll(spec.env);
  for (const [name, value] of Object.entries(env)) if (namesSecret(name)) secrets.add(value);
  const cwd = spec.cwd === undefined ? undefined : await folderOf(references.fill(spec.cwd), roots);
  const args = spec.args?.map((argument) => references.fill(argument));
  return { ...spec, command: references.fill(spec.command), args, env, cwd };
}

async function folderOf(path: string, roots: readonly string[]): Promise<string> {
  const real = isAbsolute(path) ? await realpath(path).catch(() => undefined) : undefined;
  if (real === undefined) throw new Error("its cwd is no folder that is there, named by its whole path");
  if (!roots.some((root) => isWithin(real, root)))
    throw new Error("its cwd is in no folder that tools may touch (TOOL_ROOTS)");
  return real;
}
