// What all code of a process shares: a plugin that replaces a part of it would change what the server does. Looked at around
// the import of each plugin; what a tool does later, while it runs, is not seen.

/** A property that is not what it was. `now` is undefined when it is gone. */
export type Change = { name: string; holder: object; key: PropertyKey; was: PropertyDescriptor | undefined };
export type Snapshot = { name: string; holder: object; properties: Map<PropertyKey, PropertyDescriptor> }[];

const CONSTRUCTORS = [
  "Object Function Array String Number Boolean BigInt Symbol Date RegExp Error TypeError Promise Map Set WeakMap WeakSet",
  "Proxy ArrayBuffer DataView Uint8Array Buffer URL URLSearchParams Headers Request Response AbortController AbortSignal",
  "TextEncoder TextDecoder EventTarget",
].flatMap((names) => names.split(" "));
const OBJECTS = ["JSON", "Math", "Reflect", "Atomics", "Intl", "console", "process"];
/** They are made when they are first looked at, or change by themselves. */
const BY_THEMSELVES = new Set([
  "localStorage",
  "sessionStorage",
  "exitCode",
  "title",
  "_exiting",
  "domain",
  "report",
]);

/** Remembers what is there; nothing is copied. */
export function snapshot(): Snapshot {
  return holders().map(([name, holder]) => ({ name, holder, properties: propertiesOf(holder) }));
}

const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect;

/**
 * What was replaced or taken away since, and what was added to the one object that all others inherit from. Loops, because the
 * methods of arrays may be what was replaced.
 */
export function changedSince(before: Snapshot): Change[] {
  const changes: Change[] = [];
  for (const { name, holder, properties } of before) {
    const note = (key: PropertyKey, was: PropertyDescriptor | undefined) => {
      const words = name === "" ? String(key) : `${name}.${String(key)}`;
      changes[changes.length] = { name: words, holder, key, was };
    };
    for (const [key, was] of properties)
      if (!isSame(was, getOwnPropertyDescriptor(holder, key))) note(key, was);
    if (holder !== Object.prototype) continue;
    for (const key of ownKeys(holder)) if (!properties.has(key)) note(key, undefined);
  }
  return changes;
}

/** As far as it lets itself be put back. */
export function putBack(changes: Change[]): void {
  for (const { holder, key, was } of changes) {
    if (was) defineProperty(holder, key, was);
    else deleteProperty(holder, key);
  }
}

function holders(): [name: string, holder: object][] {
  const all = globalThis as unknown as Record<string, unknown>;
  const found: [string, unknown][] = [["", globalThis]];
  for (const name of OBJECTS) found.push([name, all[name]]);
  for (const name of CONSTRUCTORS) {
    const made = all[name];
    if (typeof made === "function") found.push([name, made], [`${name}.prototype`, made.prototype]);
  }
  return found.filter((entry): entry is [string, object] => entry[1] !== null && entry[1] !== undefined);
}

function propertiesOf(holder: object): Map<PropertyKey, PropertyDescriptor> {
  const properties = new Map<PropertyKey, PropertyDescriptor>();
  for (const key of ownKeys(holder)) {
    const property = BY_THEMSELVES.has(String(key)) ? undefined : getOwnPropertyDescriptor(holder, key);
    if (property) properties.set(key, property);
  }
  return properties;
}

/** Numbers count and settings change; what counts is which code runs. A getter that was looked at may have become its value. */
function isSame(was: PropertyDescriptor, now: PropertyDescriptor | undefined): boolean {
  if (!now) return false;
  if (was.get || was.set) return now.get === was.get || was.configurable === true;
  const isCode = typeof was.value === "function" || typeof now.value === "function";
  return !isCode || now.value === was.value;
}
