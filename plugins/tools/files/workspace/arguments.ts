// Arguments that the file tools have in common, with the words the model reads about them.
import { z } from "zod";
import { markPath } from "../../../../lib/tools/path-arguments.ts";
import { ENCODINGS } from "./encoding/encodings.ts";

/** A path as a model gives it; `words` say what it names. */
export const pathArgument = (words: string) =>
  markPath(
    z
      .string()
      .min(1)
      .max(4_096)
      .describe(`${words}: absolute, starting with ~/, or relative to the first allowed folder`),
  );

/** Text to put into a file; a model's call is far smaller. */
export const contentArgument = (words: string) => z.string().max(5_000_000).describe(words);

export const encodingArgument = (words: string) => z.enum(ENCODINGS).optional().describe(words);
