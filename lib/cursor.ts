// Cursors of lists in the order of time: the place where a page ended, which clients hand back unread.
import { AppError } from "./errors.ts";

/** A document's place in a list ordered by `created_at` and id. */
export type Place = { value: string; id: string };

export function placeOf(document: { created_at: string; _id: string }): Place {
  return { value: document.created_at, id: document._id };
}

/** Opaque to clients, and no secret: a time and an id of an entry that they have seen. */
export function encodeCursor({ value, id }: Place): string {
  return Buffer.from(`${value} ${id}`).toString("base64url");
}

/** @throws invalid_request when no list can have given it */
export function decodeCursor(cursor: string): Place {
  const [value, id] = Buffer.from(cursor, "base64url").toString().split(" ");
  if (!value || !id || Number.isNaN(Date.parse(value)))
    throw new AppError("invalid_request", '"cursor" is not one that a list has given.', {
      errors: [{ path: "cursor", message: "take it from next_cursor" }],
    });
  return { value, id };
}
