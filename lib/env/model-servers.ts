// Values of the environment as they were meant, and the OpenAI-compatible servers that have a name of their own. Used by
// lib/env.ts, the one reader of the environment.
import { z } from "zod";
import { headOf } from "../cut-text.ts";

type Source = Record<string, string | undefined>;

/** `name` is that of the provider: the end of the variable's name in small letters. */
export type NamedServer = { name: string; baseUrl: string; apiKey?: string };

/** For `docs/config.md`. */
export const SERVER_VARIABLES = {
  "OPENAI_BASE_URL_<NAME>":
    "one more OpenAI-compatible server: `OPENAI_BASE_URL_GROQ=https://api.groq.com/openai/v1` makes the models `groq/…`",
  "OPENAI_API_KEY_<NAME>": "its key, where it wants one",
};

const VARIABLE = /^OPENAI_(BASE_URL|API_KEY)_(.+)$/;
const NAME = /^[A-Z][A-Z0-9_]{0,30}$/;
/** Names of providers that are there anyhow. */
const TAKEN = ["OPENAI", "ANTHROPIC", "GEMINI", "DEMO"];
const URL_SCHEMA = z.url({ protocol: /^https?$/ });
const KEY = /^[\x21-\x7e]*$/;

/** Secrets of one's own may have any form. */
const AS_WRITTEN = new Set(["JWT_SECRET"]);
const QUOTED = /^(["'])(.*)\1$/s;

/** What is set, without the blanks, line ends and quotes that come along from files and from pasting. */
export function cleanValues(source: Source): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source)
      .map(([name, value = ""]) => [name, cleanValue(name, value)] as const)
      .filter(([, value]) => value !== ""),
  );
}

function cleanValue(name: string, value: string): string {
  const trimmed = value.trim();
  if (AS_WRITTEN.has(name)) return trimmed === "" ? "" : value;
  const [, , inner] = QUOTED.exec(trimmed) ?? [];
  return (inner ?? trimmed).trim();
}

/** Servers by the variables that have their name, and what is wrong with them in words. */
export function readServers(source: Source): { servers: NamedServer[]; faults: string[] } {
  const values = cleanValues(source);
  const found = Object.keys(values).flatMap((variable) => {
    const [, , name] = VARIABLE.exec(variable) ?? [];
    return name === undefined ? [] : [name];
  });
  const names = [...new Set(found)].toSorted();
  const faults = names.flatMap((name) => serverFaults(name, values));
  if (faults.length > 0) return { servers: [], faults };
  return {
    servers: names.map((name) => {
      const apiKey = values[`OPENAI_API_KEY_${name}`];
      return {
        name: name.toLowerCase(),
        baseUrl: values[`OPENAI_BASE_URL_${name}`] ?? "",
        ...(apiKey ? { apiKey } : {}),
      };
    }),
    faults,
  };
}

function serverFaults(name: string, values: Record<string, string>): string[] {
  const [url, key] = [`OPENAI_BASE_URL_${name}`, `OPENAI_API_KEY_${name}`];
  const isSet = values[url] !== undefined;
  const [first = url] = [isSet ? url : key];
  if (!NAME.test(name))
    return [
      `${first}: the name of a server is written in capital letters, digits and _, beginning with a letter`,
    ];
  if (TAKEN.includes(name))
    return [
      `${first}: "${name.toLowerCase()}" is the name of another provider; give this server another one`,
    ];
  if (!isSet) return [`${url}: must say where the server is whose key ${key} has`];
  const faults: string[] = [];
  if (!URL_SCHEMA.safeParse(values[url]).success)
    faults.push(`${url}: must be an http:// or https:// address`);
  const apiKey = values[key] ?? "";
  if (!KEY.test(apiKey)) faults.push(`${key}: has a character that no key has${shownValue(key, apiKey)}`);
  return faults;
}

const SECRET = /KEY|SECRET|URL|PROXY/;
const MOST_SHOWN = 60;
const NOT_PLAIN = /[^\x21-\x7e]/u;

/** The value behind a fault, with what cannot be seen made visible; of one that may hold a secret only what is odd about it. */
export function shownValue(name: string, value: string): string {
  if (!SECRET.test(name)) return ` (it is ${visible(headOf(value, MOST_SHOWN))})`;
  const odd = NOT_PLAIN.exec(value);
  return odd ? ` (${nameOfCharacter(odd[0])} at place ${odd.index + 1})` : "";
}

/** Blanks and ordinary letters stay; what looks like nothing or like something else is written as its code. */
function visible(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Z}]/gu, (character) =>
    character === " " ? " " : `\\u{${codeOf(character)}}`,
  );
}

function nameOfCharacter(character: string): string {
  if (character === " ") return "a blank";
  if (character === "\n" || character === "\r") return "a line end";
  return `the character U+${codeOf(character).toUpperCase().padStart(4, "0")}`;
}

const codeOf = (character: string) => (character.codePointAt(0) ?? 0).toString(16);
