// Any history in a form that no vendor can refuse: every call has its one result right behind it, ids are unique, names are
// taken, nothing is empty. The renderers of the vendors (openai/request.ts, anthropic/request.ts) write down what comes out.
import { createHash } from "node:crypto";
import type { PromptPart } from "../../../contracts/given.ts";
import type { KeptState, PromptImage, PromptMessage } from "../../../contracts/models.ts";
import { argumentsForWire } from "./arguments.ts";
import { takenName } from "./offered-tools.ts";

/** `id` fits the vendor and is one of a kind; `name` fits `^[a-zA-Z0-9_-]{1,64}$`. */
export type SoundCall = {
  id: string;
  name: string;
  args: Record<string, unknown>;
  /** The text of its result; never empty. */
  result: string;
  /** That came with the result; never empty. */
  images?: PromptImage[];
};

/** `text` is never empty but beside calls. */
export type SoundTurn =
  | { role: "user"; text: string; images?: PromptImage[]; parts?: PromptPart[]; name?: string }
  | { role: "assistant"; text: string; calls: SoundCall[]; kept?: KeptState; name?: string };

/** `system` is empty where nobody said anything. */
export type SoundHistory = { system: string; turns: SoundTurn[] };

/** Stands where a message of the user has no words. */
const WORDLESS = "(empty message)";
const NO_OUTPUT = "(no output)";
/** Where a vendor has no field for it. */
const FAILED = "(the call failed)";
const NO_RESULT =
  '{"ok":false,"error":{"code":"no_result","message":"The run ended before this call had a result."}}';
export const LEFT_OUT = "(earlier messages are left out)";
export const GO_ON = "Go on.";
const BROKEN_OFF = "(no answer)";
const LOOKS = "(looks at the pictures)";

/** @param ids what the vendor takes as the id of a call */
export function soundHistory(messages: PromptMessage[], ids: RegExp): SoundHistory {
  const callIds = new CallIds(ids);
  const system: string[] = [];
  const turns: SoundTurn[] = [];
  let open: { was: string; call: SoundCall }[] = [];
  for (const message of messages) {
    switch (message.role) {
      case "system":
        if (!isBlank(message.content)) system.push(message.content);
        break;
      case "user":
        turns.push({
          role: "user",
          text: isBlank(message.content) ? WORDLESS : message.content,
          ...(message.parts ? { parts: message.parts } : {}),
          ...nameOf(message),
        });
        break;
      case "assistant": {
        const asked = (message.tool_calls ?? []).map(({ wire_id, name, arguments: text }) => {
          const [id, args] = [callIds.give(wire_id), argumentsForWire(text)];
          const call: SoundCall = { id, name: takenName(name), args, result: NO_RESULT };
          return { was: wire_id, call };
        });
        // An answer of nothing at all stays in the history; several servers refuse every question that has one in it.
        if (asked.length === 0 && isBlank(message.content)) break;
        if (asked.length > 0) open = asked;
        turns.push({
          role: "assistant",
          text: isBlank(message.content) ? "" : message.content,
          calls: asked.map(({ call }) => call),
          ...(message.kept ? { kept: message.kept } : {}),
          ...nameOf(message),
        });
        break;
      }
      case "tool": {
        // Calls with the same id are told apart by order: results are stored in the model's order.
        const at = open.findIndex(({ was }) => was === message.wire_id);
        const [answered] = at < 0 ? [] : open.splice(at, 1);
        if (!answered) break;
        const result = isBlank(message.content) ? NO_OUTPUT : message.content;
        answered.call.result = message.is_error ? `${FAILED}\n${result}` : result;
        if (message.images?.length) answered.call.images = message.images;
      }
    }
  }
  return { system: system.join("\n\n"), turns };
}

const nameOf = ({ name }: { name?: string | undefined }) => (name === undefined ? {} : { name });

/**
 * User and assistant by turns, the first and the last word the user's: what Google, Mistral and the chat templates of many
 * local models demand. The results of calls count as the user's word, after which the assistant has to say something.
 */
export function alternating(turns: SoundTurn[]): SoundTurn[] {
  const all: SoundTurn[] = [];
  for (const turn of turns) {
    const last = all.at(-1);
    if (!last && turn.role === "assistant") all.push({ role: "user", text: LEFT_OUT });
    if (last?.role === "user" && turn.role === "user") all[all.length - 1] = joined(last, turn);
    else if (last?.role === "assistant" && last.calls.length === 0 && turn.role === "assistant")
      all[all.length - 1] = { ...turn, text: turn.text === "" ? last.text : `${last.text}\n\n${turn.text}` };
    else {
      if (last?.role === "assistant" && last.calls.length > 0 && turn.role === "user")
        all.push({ role: "assistant", text: turn.images ? LOOKS : BROKEN_OFF, calls: [] });
      all.push(turn);
    }
  }
  const last = all.at(-1);
  if (!last || (last.role === "assistant" && last.calls.length === 0))
    all.push({ role: "user", text: GO_ON });
  return all;
}

type UserTurn = Extract<SoundTurn, { role: "user" }>;

function joined(one: UserTurn, other: UserTurn): UserTurn {
  const images = [...(one.images ?? []), ...(other.images ?? [])];
  const parts = one.parts || other.parts ? [...partsOf(one), ...partsOf(other)] : undefined;
  return {
    role: "user",
    text: `${one.text}\n\n${other.text}`,
    ...(images.length > 0 && !parts ? { images } : {}),
    ...(parts ? { parts } : {}),
    ...(one.name === other.name ? nameOf(one) : {}),
  };
}

/** All that the user said and showed, in order. */
function partsOf({ text, images = [], parts }: UserTurn): PromptPart[] {
  return parts ?? [{ type: "text", text }, ...images.map((image): PromptPart => ({ type: "image", image }))];
}

/** The same history with the rules as the user's first words: for models that know no other role. */
export function withRules(turns: SoundTurn[], rules: string): SoundTurn[] {
  if (rules === "") return turns;
  const [first, ...others] = turns;
  if (first?.role !== "user") return [{ role: "user", text: rules }, ...turns];
  const parts: PromptPart[] | undefined = first.parts && [{ type: "text", text: rules }, ...first.parts];
  return [{ ...first, text: `${rules}\n\n${first.text}`, ...(parts ? { parts } : {}) }, ...others];
}

/** The same history for a question that offers no tools: some vendors then refuse calls, so they are told in words. */
export function callsInWords(turns: SoundTurn[]): SoundTurn[] {
  return turns.flatMap((turn): SoundTurn[] => {
    if (turn.role === "user" || turn.calls.length === 0) return [turn];
    const called = turn.calls.map(({ name, args }) => `(called ${name} with ${JSON.stringify(args)})`);
    const results = turn.calls.map(({ name, result }) => `(result of ${name})\n${result}`);
    const images = turn.calls.flatMap((call) => call.images ?? []);
    return [
      { role: "assistant", text: [turn.text, ...called].filter((part) => part !== "").join("\n"), calls: [] },
      { role: "user", text: results.join("\n\n"), ...(images.length > 0 ? { images } : {}) },
    ];
  });
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Mistral's rule; servers of its models have it too. */
export const NINE = /^[a-zA-Z0-9]{9}$/;
const LENGTH = 9;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** An id that this program has given, for a call whose model gave none or of a time when the model's were not kept. */
const OURS = /^call_[0-9a-hjkmnp-tv-z]{26}(_\d{3}){2}$/;

/**
 * Gives each call of one request an id of its own: the vendor's where it takes it back, else nine letters and digits, which all of them
 * take (Mistral no others). Made from what was there, so that the same history always looks the same to a vendor's cache.
 */
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
