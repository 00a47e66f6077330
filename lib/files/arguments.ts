// Arguments that the file tools have in common, with the words the model reads about them.
import { z } from "zod";
import { ENCODINGS } from "./encoding/encodings.ts";

/** A path as a model gives it; `words` say what it names. */
export const pathArgument = (words: string) =>
  z
    .string()
    .min(1)
    .max(4_096)
    .refine((path) => !path.includes("\0"), "has a NUL character, which stands in no path")
    .describe(`${words}: absolute, starting with ~/, or relative to the first allowed folder`);

/** Text to put into a file; a model's call is far smaller. */
export const contentArgument = (words: string) =>
  z
    .string()
    .max(5_000_000)
    .refine((text) => !text.includes("\0"), "has a NUL character, which stands in no text: leave it out")
    .refine((text) => text.isWellFormed(), "has half of a character (a lone surrogate): write it whole")
    .describe(words);

export const encodingArgument = (words: string) => z.enum(ENCODINGS).optional().describe(words);
