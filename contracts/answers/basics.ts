// What answers are made of. Schemas of answers are apart from those of requests: no request needs them, so a server loads them only for
// its OpenAPI page; types are inferred from them, and the flow tests check every answer by them.
import { z } from "zod";
import { ID_PREFIXES, type IdKind } from "../ids.ts";

/** Schemas with a name of their own (`#/components/schemas/<id>`), and an example. */
export const NAMED = new Map<z.ZodType, { id: string; description: string; examples?: unknown[] }>();

/** @param name as programs made from the page call it */
export function named<Schema extends z.ZodType>(
  name: string,
  description: string,
  schema: Schema,
  example?: z.input<Schema>,
): Schema {
  NAMED.set(schema, { id: name, description, ...(example === undefined ? {} : { examples: [example] }) });
  return schema;
}

/** Opaque to clients, but for the prefix that tells what it is of. */
export const id = (kind: IdKind) => z.string().regex(new RegExp(`^${ID_PREFIXES[kind]}[0-9a-z_]+$`));
/** ISO 8601, UTC. */
export const time = z.iso.datetime();
export const count = z.int().min(0);
/** A limit; null is none. */
export const limit = z.number().nullable();
/** Of the next page; null: there is none. */
export const nextCursor = z.string().nullable();

export const EXAMPLE = {
  user: "usr_01kb3m7q4x8f2n6c9d5r1t0v3w",
  session: "ses_01kb3m8a5y9g3p7d0e6s2v1w4x",
  message: "msg_01kb3m8b6z0h4q8e1f7t3w2x5y",
  answer: "msg_01kb3m8f0d4n8v2j5k1x7z6b9c",
  run: "run_01kb3m8c7a1j5r9f2g8v4x3y6z",
  call: "call_01kb3m8c7a1j5r9f2g8v4x3y6z_001_000",
  node: "nod_01kb3m9d8b2k6s0g3h9w5y4z7a",
  key: "key_01kb3m9e9c3m7t1h4j0x6z5a8b",
  file: "fil_01kb3m9f2d7n4v8j1k5x0z3b6c",
  time: "2026-11-30T09:41:07.312Z",
  later: "2026-11-30T09:41:09.874Z",
} as const;
