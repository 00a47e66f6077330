// `{{secret:NAME}}` in the arguments of a call: which secrets a call wants, and what is put in their place. Pure.
import { z } from "zod";

export const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "must be a name of capital letters, digits and _, such as GITHUB_TOKEN");

const PLACEHOLDER = /\{\{\s*secret\s*:\s*([^{}]{0,200}?)\s*\}\}/gi;
/** What a command finds the secret in. */
const VARIABLE_PREFIX = "MACJARVIS_SECRET_";

export const variableOf = (name: string) => `${VARIABLE_PREFIX}${name}`;

/** The names in all texts of a value, keys too, as they are written there: one may be no name at all. */
export function namesIn(value: unknown): string[] {
  const names = new Set<string>();
  const todo: unknown[] = [value];
  while (todo.length > 0) {
    const one = todo.pop();
    if (typeof one === "string") for (const [, name = ""] of one.matchAll(PLACEHOLDER)) names.add(name);
    else if (typeof one === "object" && one !== null) todo.push(...Object.keys(one), ...Object.values(one));
  }
  return [...names].toSorted();
}

/** The text with each placeholder replaced. */
export function replaced(text: string, by: (name: string) => string): string {
  return text.replaceAll(PLACEHOLDER, (_whole, name: string) => by(name));
}
