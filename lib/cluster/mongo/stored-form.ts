// Documents of a collection as MongoDB keeps them, and conditions and updates that mean the same there: opaque fields are JSON text, and
// each document remembers the last operations that wrote it.
import type { CollectionSpec, Condition, Document, Update } from "../../ports/documents.ts";
import {
  opaqueText,
  readOpaque,
  readText,
  requireKey,
  requireShallow,
  requireSize,
  scalarOf,
} from "./stored-values.ts";

/** The ids of the operations that wrote a document last, by which a write whose answer was lost is found. */
export const WRITTEN_BY = "_ops";
/** So many others may write while one finds out. */
const REMEMBERED = 8;

type Fields = Record<string, unknown>;
/** How much has been walked through. */
type Hint = { characters: number };

/** What JSON has besides null. */
const ANY = ["string", "number", "bool", "object", "array"];
const WHOLE = new Set(["$set", "$setOnInsert", "$unset"]);
const BY_ELEMENT = new Set(["$push", "$addToSet", "$pull", "$pullAll"]);
const OF_ELEMENTS = new Set([...BY_ELEMENT, "$pop"]);
const OF_ALL = new Set(["$and", "$or", "$nor"]);
const EQUALITY = new Set(["$eq", "$ne", "$in", "$nin", "$exists"]);

export class StoredForm<T extends Document> {
  readonly #name: string;
  readonly #opaque: Set<string>;
  /** Above an opaque field, itself included. */
  readonly #onTheWay = new Set<string>([""]);

  constructor({ name, opaque = [] }: CollectionSpec) {
    this.#name = name;
    this.#opaque = new Set(opaque);
    for (const place of opaque)
      for (const end of place.matchAll(/\.|\[\]|$/g)) this.#onTheWay.add(place.slice(0, end.index));
  }

  /** @throws invalid_request, body_too_large */
  document(document: T, operation: string): Fields & { _id: string } {
    const hint = { characters: 0 };
    const stored = this.#value(document, "", 0, hint) as Fields & { _id: string };
    stored[WRITTEN_BY] = [operation];
    requireSize(stored, hint);
    return stored;
  }

  /** The document as it was given; the stored one is used up. */
  read(stored: object): T {
    const { [WRITTEN_BY]: _operations, ...fields } = stored as Fields;
    return this.#read(fields, "") as T;
  }

  condition(condition: Condition, at = ""): Condition {
    const entries: [string, unknown][] = [];
    const gaps: Condition[] = [];
    for (const [key, wanted] of Object.entries(condition)) {
      if (OF_ALL.has(key))
        entries.push([key, (wanted as Condition[]).map((part) => this.condition(part, at))]);
      else if (key.startsWith("$")) entries.push([key, wanted]);
      // MongoDB finds no null where an array has no such element, and DocumentDB none by `$or` of null and missing.
      else if (wanted === null && /\.\d+(\.|$)/.test(key)) gaps.push({ $nor: [{ [key]: { $type: ANY } }] });
      else entries.push([key, this.#wanted(wanted, this.#reachable(placeOf(key, at)))]);
    }
    const stored = Object.fromEntries(entries);
    return gaps.length === 0 ? stored : { $and: [stored, ...gaps] };
  }

  /** @throws invalid_request, body_too_large */
  update(update: Update, operation: string): Update {
    const hint = { characters: 0 };
    const stored: Record<string, Fields> = {};
    const put = (operator: string, path: string, value: unknown) => {
      stored[operator] = { ...stored[operator], [path]: value };
    };
    for (const [operator, fields] of Object.entries(update))
      for (const [path, given] of Object.entries(fields)) {
        if (path.split(".")[0] === WRITTEN_BY) throw new Error(`"${path}" is not for others to change`);
        const place = this.#changeable(operator, placeOf(path, ""));
        if (operator === "$set" && given === undefined) put("$unset", path, "");
        else put(operator, path, this.#given(operator, given, place, path.split(".").length, hint));
      }
    put("$push", WRITTEN_BY, { $each: [operation], $slice: -REMEMBERED });
    requireSize(stored, hint);
    return stored;
  }

  #given(operator: string, given: unknown, place: string, level: number, hint: Hint): unknown {
    if (!BY_ELEMENT.has(operator)) return this.#value(given, place, level, hint);
    const element = `${place}[]`;
    if (operator === "$pull") return this.#wanted(given, element);
    if (operator === "$pullAll") return this.#value(given, place, level, hint);
    if (!isOperators(given)) return this.#value(given, element, level + 1, hint);
    const { $each, ...others } = given as { $each: unknown[] };
    return { $each: $each.map((one) => this.#value(one, element, level + 1, hint)), ...others };
  }

  #value(value: unknown, place: string, level: number, hint: Hint): unknown {
    if (this.#opaque.has(place)) {
      const text = opaqueText(value);
      hint.characters += text?.length ?? 0;
      return text;
    }
    if (typeof value !== "object" || value === null) {
      hint.characters += typeof value === "string" ? value.length : 8;
      return scalarOf(value);
    }
    requireShallow(level);
    if (Array.isArray(value)) {
      const element = this.#inside(place, "[]");
      return value.map((one) => this.#value(one, element, level + 1, hint) ?? null);
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return this.#value(toJSON.call(value), place, level, hint);
    const entries: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      requireKey(key);
      if (level === 0 && place === "" && key === WRITTEN_BY) requireKey(`$${key}`);
      hint.characters += key.length;
      entries.push([key, this.#value(inner, this.#inside(place, key), level + 1, hint)]);
    }
    // Unlike an assignment it makes a key `__proto__` a key.
    return Object.fromEntries(entries);
  }

  #read(stored: unknown, place: string): unknown {
    if (this.#opaque.has(place)) return readOpaque(stored);
    if (typeof stored === "string") return readText(stored);
    if (typeof stored !== "object" || stored === null) return stored;
    const isList = Array.isArray(stored);
    const values = stored as Fields;
    for (const key of Object.keys(values))
      values[key] = this.#read(values[key], this.#inside(place, isList ? "[]" : key));
    return stored;
  }

  /** What a field must be like: a value, or operators. */
  #wanted(wanted: unknown, place: string): unknown {
    if (wanted instanceof RegExp) return wanted;
    const isWhole = this.#opaque.has(place);
    if (!isOperators(wanted)) {
      const isElement =
        !isWhole && wanted !== null && !Array.isArray(wanted) && this.#opaque.has(`${place}[]`);
      return this.#value(wanted, isElement ? `${place}[]` : place, 0, { characters: 0 });
    }
    const entries = Object.entries(wanted as Fields).map(([operator, operand]) => {
      if (operator === "$not") return [operator, this.#wanted(operand, place)];
      if (isWhole && !EQUALITY.has(operator)) throw this.#tooDeep(operator, place);
      if (operator === "$elemMatch") return [operator, this.#element(operand, `${place}[]`)];
      if (["$in", "$nin", "$all"].includes(operator))
        return [operator, (operand as unknown[]).map((one) => this.#wanted(one, place))];
      if (["$exists", "$type", "$size", "$mod", "$regex", "$options"].includes(operator))
        return [operator, operand];
      return [operator, this.#wanted(operand, place)];
    });
    return Object.fromEntries(entries);
  }

  #element(operand: unknown, place: string): unknown {
    return isOperators(operand) ? this.#wanted(operand, place) : this.condition(operand as Condition, place);
  }

  /** The place where no opaque field is any more is not told from others like it. */
  #inside(place: string, key: string): string {
    const inner = key === "[]" ? `${place}[]` : place === "" ? key : `${place}.${key}`;
    return this.#onTheWay.has(inner) ? inner : "-";
  }

  /** @throws Error when it is inside of an opaque field */
  #reachable(place: string): string {
    const plain = place.replaceAll("[]", "");
    for (const opaque of this.#opaque)
      if (plain.startsWith(`${opaque.replaceAll("[]", "")}.`)) throw this.#tooDeep("a condition", place);
    return place;
  }

  /** @throws Error when the operator would change the inside of an opaque field */
  #changeable(operator: string, place: string): string {
    this.#reachable(place);
    if (this.#opaque.has(place) && !WHOLE.has(operator)) throw this.#tooDeep(operator, place);
    if (this.#opaque.has(`${place}[]`) && !WHOLE.has(operator) && !OF_ELEMENTS.has(operator))
      throw this.#tooDeep(operator, place);
    return place;
  }

  #tooDeep(what: string, place: string): Error {
    return new Error(`${this.#name}: ${what} cannot look into "${place}", which is opaque: it is text there`);
  }
}

/** Numbers in a path are places in an array. */
function placeOf(path: string, at: string): string {
  let place = at;
  for (const part of path.split("."))
    if (/^(\d+|\$.*)$/.test(part)) place += "[]";
    else place = place === "" ? part : `${place}.${part}`;
  return place;
}

function isOperators(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => key.startsWith("$"));
}
