// Colours of the terminal: one decision for every command line, so that a pipe, NO_COLOR or a dumb terminal gets plain text.
import picocolors from "picocolors";

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for this stream; functions that change nothing when it is no terminal or colours are unwanted. */
export function coloursFor(stream: { isTTY?: boolean }): Colours {
  return picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported);
}

/** For tests and for output that is read by programs. */
export const PLAIN: Colours = picocolors.createColors(false);
