// JSON with sorted keys and no white space: equal values give equal texts, so that a hash can stand for a value.
import { hash } from "node:crypto";

/** Takes what JSON can say (undefined fields are left out, as JSON.stringify does). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "null";
}

/** The SHA-256 in hex that stands for a value, whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return hash("sha256", canonicalJson(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
