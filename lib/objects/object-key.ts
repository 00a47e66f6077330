// What an object's key may be: one rule for all stores, so that a key that one takes is taken by the others. Lower case only, because
// some disks do not tell cases apart.
import { z } from "zod";
import { AppError } from "../errors.ts";
import { MOST_LISTED } from "../ports/objects.ts";

const MOST_KEY_LENGTH = 200;
const PART = "[a-z0-9_][a-z0-9._-]*";

const objectKey = z
  .string()
  .max(MOST_KEY_LENGTH, `must have at most ${MOST_KEY_LENGTH} characters`)
  .regex(
    new RegExp(`^${PART}(/${PART})*$`),
    "must be parts with / between them, each of a-z, 0-9, _, - and dots, and none beginning with a dot or a dash",
  );
/** A key, or what one begins with: parts that end with a slash, or within a part. */
const keyPrefix = z
  .string()
  .max(MOST_KEY_LENGTH, `must have at most ${MOST_KEY_LENGTH} characters`)
  .regex(new RegExp(`^(${PART}(/${PART})*/?)?$`), "must be what a key begins with");
const contentType = z
  .string()
  .max(100, "must have at most 100 characters")
  .regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+(; ?charset=[a-z0-9-]+)?$/, "must be like text/plain");
const limit = z.int().min(1).max(MOST_LISTED);

/** @throws invalid_request */
export const checkKey = (key: string) => check(objectKey, "key", key);
export const isKey = (text: string) => objectKey.safeParse(text).success;
export const checkPrefix = (prefix: string) => check(keyPrefix, "prefix", prefix);
export const checkContentType = (type: string) => check(contentType, "content_type", type);
export const checkLimit = (most: number = MOST_LISTED) => check(limit, "limit", most);

function check<T>(schema: z.ZodType<T>, path: string, value: T): T {
  const { success, error } = schema.safeParse(value);
  if (success) return value;
  const message = error.issues[0]?.message ?? "is not valid";
  throw new AppError("invalid_request", `The ${path} of an object ${message}.`, {
    errors: [{ path, message }],
  });
}
