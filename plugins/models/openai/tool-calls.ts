// Puts the pieces of tool calls together. Servers number them, name them by id, both, neither, or give every call the same
// number or id; arguments come in pieces, whole, or as an object. Used by answer.ts.
import { isJsonObject } from "../wire/json-object.ts";

/** One piece as servers send it; every field may be missing. */
export type CallPiece = {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
};

export type CollectedCall = { wire_id: string; name: string; arguments: string };

export class ToolCalls {
  readonly #calls: CollectedCall[] = [];
  /** The call that the server means by a number now. */
  readonly #byIndex = new Map<number, CollectedCall>();

  add(piece: CallPiece): void {
    const name = piece.function?.name ?? "";
    const text = argumentText(piece.function?.arguments);
    const call = this.#find(piece, name, text) ?? this.#open(piece);
    if (piece.id && call.wire_id === "") call.wire_id = piece.id;
    if (name !== "" && call.name !== name) call.name += name;
    call.arguments += text;
  }

  get size(): number {
    return this.#calls.length;
  }

  /** In the model's order. Only for the end: servers may send pieces of several calls mixed. */
  all(): readonly CollectedCall[] {
    return this.#calls;
  }

  #find(piece: CallPiece, name: string, text: string): CollectedCall | undefined {
    const found = this.#named(piece);
    // Without a name and a number of its own it goes on with a call, whatever its id: some servers make a new one for every piece.
    if (name === "") return found ?? (typeof piece.index === "number" ? undefined : this.#calls.at(-1));
    if (!found) return undefined;
    const isOtherId = Boolean(piece.id) && found.wire_id !== "" && found.wire_id !== piece.id;
    // A call that has its name and whole arguments gets no more of either: this is the next one under the same number or id.
    const isNext = text !== "" && found.name !== "" && isJsonObject(found.arguments);
    return isOtherId || isNext ? undefined : found;
  }

  #named({ index, id }: CallPiece): CollectedCall | undefined {
    if (typeof index === "number") return this.#byIndex.get(index);
    if (id) return this.#calls.findLast((call) => call.wire_id === id);
    return this.#calls.at(-1);
  }

  #open({ index, id }: CallPiece): CollectedCall {
    const call = { wire_id: id ?? "", name: "", arguments: "" };
    this.#calls.push(call);
    if (typeof index === "number") this.#byIndex.set(index, call);
    return call;
  }
}

function argumentText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
