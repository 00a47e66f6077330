// Ids of tool calls as a vendor gets them back: its own where it takes them, else nine letters and digits, which all of them
// take (Mistral no others). Made from what was there, so that the same history always looks the same to a vendor's cache.
// Names of tools likewise: models make names up, and the vendor that sent one may refuse to have it back. And the tools of a
// question: names, lengths, number, and schemas without what vendors refuse.
import { createHash } from "node:crypto";
import type { PromptTool } from "../../../contracts/models.ts";
import { headOf } from "../../../lib/cut-text.ts";
import { plainSchema } from "./plain-schema.ts";

/** Mistral's rule; servers of its models have it too. */
export const NINE = /^[a-zA-Z0-9]{9}$/;
const LENGTH = 9;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** An id that this program has given, for a call whose model gave none or of a time when the model's were not kept. */
const OURS = /^call_[0-9a-hjkmnp-tv-z]{26}(_\d{3}){2}$/;

/** Gives each call of one request an id of its own. */
export class CallIds {
  readonly #allowed: RegExp;
  readonly #given = new Set<string>();

  /** @param allowed what the vendor takes */
  constructor(allowed: RegExp) {
    this.#allowed = allowed;
  }

  /** @param wanted the id that the model gave; may be empty, misspelt, or taken by an earlier call */
  give(wanted: string): string {
    const isFree = this.#allowed.test(wanted) && !OURS.test(wanted) && !this.#given.has(wanted);
    const id = isFree ? wanted : this.#make(wanted);
    this.#given.add(id);
    return id;
  }

  #make(wanted: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const bytes = createHash("sha256").update(`${attempt}:${wanted}`).digest();
      const id = [...bytes.subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
      if (!this.#given.has(id)) return id;
    }
  }
}

/** What all vendors take: 64 letters, digits, `_` and `-`. */
const TAKEN = /^[a-zA-Z0-9_-]{1,64}$/;
const MOST = 64;
const NAMELESS = "unnamed";

const isTaken = (name: string): boolean => TAKEN.test(name);

/** The name itself where every vendor takes it, else one that is as near. */
export function takenName(name: string): string {
  if (isTaken(name)) return name;
  return name.replace(/[^a-zA-Z0-9_-]+/g, "_").slice(0, MOST) || NAMELESS;
}

/** Google's rule besides: it begins with a letter or `_`. */
export function beginsWithLetter(name: string): string {
  return /^[a-zA-Z_]/.test(name) ? name : `_${name}`.slice(0, MOST);
}

/** `description` in characters. */
type ToolLimits = { tools: number; description: number };

/**
 * @param schemaOf what the vendor makes of a schema that all vendors take; the schema itself unless given
 * @returns each tool at most once; one whose name no vendor takes is left out, because it would take the whole question with it
 */
export function offeredTools(
  tools: PromptTool[],
  limits: ToolLimits,
  schemaOf: (schema: Record<string, unknown>) => Record<string, unknown> = (schema) => schema,
): PromptTool[] {
  const names = new Set<string>();
  const taken = tools.filter(({ name }) => isTaken(name) && !names.has(name) && names.add(name));
  return taken.slice(0, limits.tools).map(({ name, description, parameters }) => ({
    name,
    description: shortened(description.trim() === "" ? name : description, limits.description),
    parameters: schemaOf(plainSchema(parameters)),
  }));
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${headOf(text, most - 1)}…`;
}
