// Asks before something is done that cannot be taken back, or that gives much away.
import { createInterface } from "node:readline/promises";
import type { Texts } from "../terminal/texts.ts";

/** @param answer what has to be typed: "y", or the name of what goes. @returns whether it was. @throws Error where nobody can be asked */
export async function confirm(question: string, answer: string, { user }: Texts): Promise<boolean> {
  if (process.stdin.isTTY !== true) throw new Error(user.needsYes);
  // Standard output is for what the server answers.
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  lines.once("SIGINT", () => left.abort());
  lines.once("close", () => left.abort());
  try {
    const typed = await lines.question(question, { signal: left.signal });
    return typed.trim().toLowerCase() === answer.toLowerCase();
  } catch {
    // Ctrl-C and Ctrl-D are a no.
    process.stderr.write("\n");
    return false;
  } finally {
    lines.close();
  }
}
