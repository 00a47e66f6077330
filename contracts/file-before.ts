// The text of a file before a call changes it, kept with the question about the call: whoever answers sees the difference to what is
// there, not only what is to be written.
import { z } from "zod";

const state = {
  /** When its machine was asked for it: ISO 8601. */
  read_at: z.iso.datetime(),
};
/**
 * `new`: there is no such file. `too_large`, `binary`: it is there, and not shown. `not_read`: the machine, or the rules of whoever has asked for
 * the call, would not let it be read without a question. `no_answer`: its machine did not say in time.
 */
export const fileBefore = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("text"), text: z.string(), ...state }),
  z.strictObject({ state: z.enum(["new", "too_large", "binary", "not_read", "no_answer"]), ...state }),
]);
export type FileBefore = z.infer<typeof fileBefore>;

/** The tools that write text into one file, each named by its argument `path`. */
const WRITES_TEXT = new Set(["write_file", "append_file", "edit_file"]);

/** The file that a call writes text into, as the call names it; undefined for any other call. */
export function writtenFile({ name, args }: { name: string; args: unknown }): string | undefined {
  if (!WRITES_TEXT.has(name) || typeof args !== "object" || args === null) return undefined;
  const { path } = args as { path?: unknown };
  return typeof path === "string" ? path : undefined;
}
