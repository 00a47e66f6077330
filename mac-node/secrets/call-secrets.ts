// The secrets of one call: which it wants, whether it may have them, and how its commands get them: in their environment or their
// standard input, never in an argument, which every process of the machine can read.
import type { RunOptions, Tool } from "../../contracts/tools.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { Masker } from "./masker.ts";
import { namesIn, replaced, secretName, variableOf } from "./placeholders.ts";

/** The secrets of a machine that has some. */
export type SecretSource = {
  /** @throws ToolFailure in words when the keychain cannot be asked; undefined when there is none of this name */
  get(name: string): Promise<string | undefined>;
  /** The values of all of them that can be told now, the same list while they are the same: what a call was given may come back in another. */
  all(): Promise<readonly string[]>;
};

/** What the calls of a machine run with that has secrets. */
export type CallSecrets = {
  masker: Masker;
  /** What a command really gets. @throws ToolFailure `secret_refused` where it would be seen */
  putIn(argv: string[], options: RunOptions): { argv: string[]; options: RunOptions };
};

/**
 * Undefined on a machine that has none.
 * @param source undefined on a machine that keeps none
 * @throws ToolFailure `secret_refused` in words; nothing was done then
 */
export async function secretsOf(
  tool: Pick<Tool, "name" | "risk">,
  args: unknown,
  source: SecretSource | undefined,
): Promise<CallSecrets | undefined> {
  const names = namesIn(args);
  if (names.length === 0) return maskOnly(await source?.all());
  if (!source)
    throw refused(
      "This machine keeps no secrets: {{secret:…}} is for Macs that are paired (npm run node -- secret set NAME, there).",
    );
  for (const name of names)
    if (!secretName.safeParse(name).success)
      throw refused(
        `"{{secret:${name}}}" names no secret: names have capital letters, digits and _, such as {{secret:GITHUB_TOKEN}}.`,
      );
  if (tool.risk !== "execute")
    throw refused(
      `${tool.name} runs no command, and only commands are given secrets: leave {{secret:…}} out.`,
    );
  const values = new Map<string, string>();
  for (const name of names) {
    const value = await source.get(name);
    if (value === undefined)
      throw refused(
        `This Mac has no secret "${name}". Its owner makes it there: npm run node -- secret set ${name}`,
      );
    values.set(name, value);
  }
  const masker = maskerOf(await source.all(), [...values.values()]);
  return { masker, putIn: (...command) => putIn(values, ...command) };
}

/** For a call that is given none: a file may hold what another one was given. */
function maskOnly(values: readonly string[] = []): CallSecrets | undefined {
  if (values.length === 0) return undefined;
  return { masker: maskerOf(values), putIn: (argv, options) => ({ argv, options }) };
}

const maskers = new WeakMap<readonly string[], Masker>();

/** @param given what `all` may lack: it was looked up later */
function maskerOf(all: readonly string[], given: readonly string[] = []): Masker {
  if (given.some((value) => !all.includes(value))) return new Masker([...all, ...given]);
  const masker = maskers.get(all) ?? new Masker(all);
  maskers.set(all, masker);
  return masker;
}

function refused(message: string): ToolFailure {
  return new ToolFailure("secret_refused", message);
}

const SHELL = /^\/(?:usr\/)?bin\/(?:ba|z|da)?sh$/;

function putIn(values: Map<string, string>, argv: string[], options: RunOptions) {
  const secretOf = (name: string) => values.get(name) ?? "";
  const used = new Set<string>();
  const script = scriptIn(argv);
  const safe = argv.map((argument, index) => {
    if (namesIn(argument).length === 0) return argument;
    if (index !== script)
      throw refused(
        "A secret would stand in an argument of a program, where every process of the machine can read it. Give it in the environment or the input of the command; a shell command may name it.",
      );
    // The shell puts it in, from its own environment; what is in single quotes it leaves as it is.
    return replaced(argument, (name) => {
      used.add(name);
      return `\${${variableOf(name)}}`;
    });
  });
  const env = Object.entries(options.env ?? {}).map(
    ([name, value]) => [name, replaced(value, secretOf)] as const,
  );
  const given = [...used].map((name) => [variableOf(name), secretOf(name)] as const);
  const input = options.input === undefined ? {} : { input: replaced(options.input, secretOf) };
  return {
    argv: safe,
    options: { ...options, ...input, env: Object.fromEntries([...env, ...given]) },
  };
}

/** Where in an argv a shell finds its commands; -1 where it is none. */
function scriptIn([program = "", ...rest]: string[]): number {
  if (!SHELL.test(program) || rest[0] !== "-c") return -1;
  return rest[1] === "--" ? 3 : 2;
}
