// The command line of `npm run node`.
import { parseOptions } from "../terminal/parse-options.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";

const OPTIONS = {
  name: { type: "string" },
  ca: { type: "string" },
  "no-serve": { type: "boolean" },
  service: { type: "boolean" },
  json: { type: "boolean" },
  purge: { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  lines: { type: "string", short: "n" },
  follow: { type: "boolean", short: "f" },
  print: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const POLICY_COMMANDS = ["show", "check", "path", "edit"] as const;

export type NodeArguments =
  /** Help where it is not paired. */
  | { command: "serve_or_help" }
  | { command: "help" | "version" | "freeze" | "thaw" | "chain" }
  | {
      command: "join";
      url: string;
      code: string;
      name: string | undefined;
      ca: string | undefined;
      serves: boolean;
    }
  | { command: "serve"; isService: boolean }
  | { command: "status"; json: boolean }
  | { command: "leave"; purges: boolean; yes: boolean }
  | { command: "policy"; what: (typeof POLICY_COMMANDS)[number] }
  | { command: "logs"; lines: number; follows: boolean }
  | { command: "install" | "uninstall"; prints: boolean }
  | { command: "secret"; what: "list" }
  | { command: "secret"; what: "set" | "remove"; name: string };

type Words = Texts["node"];
type Values = Partial<Record<keyof typeof OPTIONS, string | boolean | undefined>>;

/** Options and the commands they belong to. */
const OWN: Record<Exclude<keyof typeof OPTIONS, "help" | "version">, string[]> = {
  name: ["join"],
  ca: ["join"],
  "no-serve": ["join"],
  service: ["serve"],
  json: ["status"],
  purge: ["leave"],
  yes: ["leave"],
  lines: ["logs"],
  follow: ["logs"],
  print: ["install", "uninstall"],
};
const USUAL_LINES = 50;
const MOST_LINES = 10_000;
const MOST_NAME = 100;

/** @throws Error in words: what is not understood must change nothing */
export function readArguments(argv: string[], texts: Texts = textsFor("en")): NodeArguments {
  const words = texts.node;
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, words.badOption);
  const { help, version, ...own } = values;
  const [command, ...rest] = positionals;
  if (help) return { command: "help" };
  if (version) return { command: "version" };
  if (command !== undefined && !COMMANDS.has(command)) throw new Error(words.unknownCommand(command));
  for (const option of Object.keys(own) as (keyof typeof OWN)[])
    if (!OWN[option].includes(command ?? ""))
      throw new Error(words.optionElsewhere(option, command ?? "serve"));
  if (command === undefined) return { command: "serve_or_help" };
  return wantedOf(command, rest, own, words);
}

const COMMANDS = new Set([
  ...["help", "join", "serve", "status", "leave", "policy", "freeze", "thaw", "secret", "logs"],
  "chain",
  ...["install", "uninstall"],
]);

function wantedOf(command: string, rest: string[], values: Values, words: Words): NodeArguments {
  /** As many positionals as it takes, each with its name. */
  const take = (...needed: string[]): string[] => {
    const missing = needed[rest.length];
    if (missing !== undefined) throw new Error(words.missing(command, missing));
    const extra = rest[needed.length];
    if (extra !== undefined) throw new Error(words.tooMany(command, extra));
    return rest;
  };
  switch (command) {
    case "join": {
      const [url = "", code = ""] = take(words.anAddress, words.aCode);
      return { command, url, code, ...joinOptions(values, words) };
    }
    case "policy":
      return { command, what: policyCommand(rest, words) };
    case "secret":
      return secretCommand(rest, take, words);
    case "serve":
      take();
      return { command, isService: values.service === true };
    case "status":
      take();
      return { command, json: values.json === true };
    case "leave":
      take();
      return { command, purges: values.purge === true, yes: values.yes === true };
    case "logs":
      take();
      return { command, lines: linesOf(values.lines, words), follows: values.follow === true };
    case "install":
    case "uninstall":
      take();
      return { command, prints: values.print === true };
    case "chain": {
      const [what] = take(words.aChainCommand);
      if (what !== "export") throw new Error(words.tooMany(command, what ?? ""));
      return { command };
    }
    case "freeze":
    case "thaw":
      take();
      return { command };
    default:
      return { command: "help" };
  }
}

function joinOptions({ name, ca, "no-serve": noServe }: Values, words: Words) {
  const given = typeof name === "string" ? name.trim() : undefined;
  if (given !== undefined && (given === "" || given.length > MOST_NAME)) throw new Error(words.badName);
  return { name: given, ca: typeof ca === "string" ? ca : undefined, serves: noServe !== true };
}

function policyCommand([what = "show", extra]: string[], words: Words) {
  const known = POLICY_COMMANDS.find((one) => one === what);
  if (!known || extra !== undefined) throw new Error(words.tooMany("policy", extra ?? what));
  return known;
}

function secretCommand(
  [what, name, value]: string[],
  take: (...needed: string[]) => string[],
  words: Words,
): NodeArguments {
  if (what === "list") {
    take(words.aSecretCommand);
    return { command: "secret", what };
  }
  if (what !== "set" && what !== "remove") throw new Error(words.missing("secret", words.aSecretCommand));
  if (what === "set" && value !== undefined) throw new Error(words.secretInArgument);
  take(words.aSecretCommand, words.aName);
  return { command: "secret", what, name: name ?? "" };
}

function linesOf(text: unknown, words: Words): number {
  if (typeof text !== "string") return USUAL_LINES;
  const lines = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (lines < 1 || lines > MOST_LINES) throw new Error(words.badLines(text));
  return lines;
}
