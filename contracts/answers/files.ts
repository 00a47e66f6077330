// Files as clients see them.
import { z } from "zod";
import { count, EXAMPLE, id, named, nextCursor, time } from "./basics.ts";

export const file = named(
  "File",
  "`media_type` and `kind` are told by its bytes, never by its name. `text`: what models can read of it, `picture`: what those that see get; `problem`: why neither is there. `session_id`: the session it belongs to; `expires_at`: when it goes unless a message uses it.",
  z.strictObject({
    id: id("file"),
    name: z.string(),
    media_type: z.string(),
    kind: z.enum(["image", "document", "text", "other"]),
    size: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    session_id: id("session").nullable(),
    text: z.strictObject({ characters: count, truncated: z.boolean() }).nullable(),
    picture: z.strictObject({ media_type: z.string(), width: count, height: count }).nullable(),
    problem: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    created_at: time,
    expires_at: time.nullable(),
  }),
  {
    id: EXAMPLE.file,
    name: "Invoice 7.pdf",
    media_type: "application/pdf",
    kind: "document",
    size: 48_213,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    session_id: null,
    text: { characters: 2_871, truncated: false },
    picture: null,
    problem: null,
    created_at: EXAMPLE.time,
    expires_at: "2026-12-01T09:41:07.312Z",
  },
);
export type File = z.infer<typeof file>;

export const oneFile = z.strictObject({ file });
export const filePage = z.strictObject({ files: z.array(file), next_cursor: nextCursor });

/** A file that came with a message: also there when the file itself is gone. */
export const attachment = z.strictObject({
  id: id("file"),
  name: z.string(),
  media_type: z.string(),
  size: count,
});
