// Puts the pieces of tool calls together. Servers number them, name them by id, both, neither, or give every call the same
// number or id; arguments come in pieces, whole, or as an object. Used by answer.ts.
import { fieldsIn, isJsonObject, jsonOf, textIn } from "../wire/json.ts";
import { type Failing, interrupted } from "../wire/provider-error.ts";

/** `extra`: fields in which Gemini, and LiteLLM for it, sign their calls. */
export type CollectedCall = { wire_id: string; name: string; arguments: string; extra?: unknown };
type Piece = { index: number | undefined; id: string; name: string; text: string; extra: unknown };

/** Far beyond what a model asks for in one step; a server that sends more is broken or hostile. */
const MOST_CALLS = 256;
const MOST_CHARACTERS = 8_000_000;

/** The calls of one answer. Bounded: 256 calls, 8 million characters. */
export class ToolCalls {
  readonly #failing: Failing;
  readonly #calls: CollectedCall[] = [];
  /** The call that the server means by a number now. */
  readonly #byIndex = new Map<number, CollectedCall>();
  #characters = 0;

  constructor(failing: Failing) {
    this.#failing = failing;
  }

  /**
   * Pieces as servers send them: every field may be missing.
   * @param areWhole each is a call of its own
   * @throws model_interrupted when it is too much
   */
  add(values: unknown[], areWhole = false): void {
    const begun = new Set<CollectedCall>();
    for (const value of values) {
      const piece = readPiece(value);
      const found = areWhole ? undefined : this.#find(piece);
      const call =
        found && begun.has(found) && isAnother(found, piece)
          ? this.#open(piece)
          : (found ?? this.#open(piece));
      if (piece.name !== "") begun.add(call);
      this.#take(call, piece);
    }
  }

  #take(call: CollectedCall, piece: Piece): void {
    if (isRepeated(call, piece)) return;
    if (call.wire_id === "") call.wire_id = piece.id;
    if (piece.name !== "" && call.name !== piece.name) call.name += piece.name;
    call.arguments += piece.text;
    if (piece.extra) call.extra = piece.extra;
    this.#characters += piece.name.length + piece.text.length;
    if (this.#calls.length > MOST_CALLS || this.#characters > MOST_CHARACTERS)
      throw interrupted(this.#failing);
  }

  get size(): number {
    return this.#calls.length;
  }

  /** In the model's order. Only for the end: servers may send pieces of several calls mixed. */
  all(): readonly CollectedCall[] {
    return this.#calls;
  }

  #find(piece: Piece): CollectedCall | undefined {
    const found = this.#named(piece);
    // Without a name and a number of its own it goes on with a call, whatever its id: some servers make a new one for every piece.
    if (piece.name === "") return found ?? (piece.index === undefined ? this.#calls.at(-1) : undefined);
    if (!found) return undefined;
    const isOtherId = piece.id !== "" && found.wire_id !== "" && found.wire_id !== piece.id;
    if (isRepeated(found, piece)) return found;
    // A call that has its name and whole arguments gets no more of either: this is the next one under the same number or id.
    const isNext = piece.text !== "" && found.name !== "" && isJsonObject(found.arguments);
    return isOtherId || isNext ? undefined : found;
  }

  #named({ index, id }: Piece): CollectedCall | undefined {
    if (index !== undefined) return this.#byIndex.get(index);
    if (id !== "") return this.#calls.findLast((call) => call.wire_id === id);
    return this.#calls.at(-1);
  }

  #open({ index, id }: Piece): CollectedCall {
    const call: CollectedCall = { wire_id: id, name: "", arguments: "" };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }
}

/** Nobody names one call twice at once: what has a name and no id beside a call that may be whole is the next one. */
function isAnother(call: CollectedCall, { id, name }: Piece): boolean {
  return name !== "" && id === "" && (call.arguments === "" || isJsonObject(call.arguments));
}

/** All of a call once more, with its own id: some servers send it so at the end. It must not run twice. */
function isRepeated(call: CollectedCall, { id, name, text }: Piece): boolean {
  return id !== "" && call.wire_id === id && call.name === name && text !== "" && call.arguments === text;
}

function signed(fields: Record<string, unknown>): object | undefined {
  const there = Object.entries(fields).filter(([, value]) => typeof value === "object" && value !== null);
  return there.length > 0 ? Object.fromEntries(there) : undefined;
}

function readPiece(value: unknown): Piece {
  const { index, id, function: called, extra_content, provider_specific_fields } = fieldsIn(value);
  const { name, arguments: text } = fieldsIn(called);
  const number = typeof index === "string" && index !== "" ? Number(index) : index;
  return {
    index: typeof number === "number" && Number.isFinite(number) ? number : undefined,
    id: typeof id === "number" ? String(id) : textIn(id),
    name: textIn(name),
    extra: signed({ extra_content, provider_specific_fields }),
    text: typeof text === "string" ? text : text === undefined || text === null ? "" : jsonOf(text),
  };
}
