// A list in what a stranger says.
import { z } from "zod";

/**
 * At most so many: a longer list is refused before its parts are looked at. `z.array().max()` reads all of them first and notes what is
 * wrong with each, which takes a long time and much memory of millions.
 */
export function boundedList<Part extends z.ZodType>(part: Part, most: number) {
  return z.array(z.unknown()).max(most).pipe(z.array(part));
}
