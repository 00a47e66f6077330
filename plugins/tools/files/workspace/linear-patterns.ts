// Globs and regular expressions from a model, matched in time linear to the text: they run in the server's process.
import picomatch from "picomatch";
import { RE2JS } from "re2js";
import { FileProblem } from "../../../../lib/files/file-problem.ts";

/** Whether a text fits. */
export type Matcher = (text: string) => boolean;

/**
 * What picomatch puts in to keep out `.` and `..` and empty names. Paths here have none of them,
 * and RE2 has no lookahead, so they are left out.
 */
const LOOKAHEADS = ["(?!\\.{1,2}(?:\\/|$))", "(?!(?:^|\\/)\\.{1,2}(?:\\/|$))", "(?=.)"];

/** The one spelling in which names are compared: macOS gives `é` in two characters, a keyboard in one. */
export const spelling = (name: string): string => name.normalize("NFC");

/**
 * A matcher of paths below a folder (`a/b.ts`), dot files included. A glob without a slash fits the last name at any depth.
 * @throws FileProblem `invalid_pattern`
 */
export function globMatcher(glob: string): Matcher {
  const source = LOOKAHEADS.reduce((text, part) => text.replaceAll(part, ""), globSource(spelling(glob)));
  const fits = compile(source, RE2JS.DOTALL, glob);
  if (glob.includes("/")) return (path) => fits(spelling(path));
  return (path) => fits(spelling(path.slice(path.lastIndexOf("/") + 1)));
}

/**
 * A matcher of lines that have the expression somewhere in them (RE2 syntax: no look-around, no back-references).
 * @throws FileProblem `invalid_pattern`
 */
export function lineMatcher(expression: string): Matcher {
  return compile(expression, 0, expression);
}

function globSource(glob: string): string {
  try {
    const options = { dot: true, noextglob: true, nonegate: true };
    return picomatch.makeRe(asWritten(glob.replace(/^\.?\//, "")), options).source;
  } catch (error: unknown) {
    throw invalid(glob, error);
  }
}

/** An escaped character, a class, or what picomatch reads as a part of an expression. */
const PARTS = /\\.|\[(?!\])(?:\\.|[^\]\\])+\]|[()|]|\{(?![^{}]*\})/gs;

/**
 * The glob as people mean it: brackets and bars are parts of names ("report (1).pdf"), and so is a brace that nothing closes; a
 * class that begins with `!` fits what is not in it, as in any shell.
 */
function asWritten(glob: string): string {
  return glob.replace(PARTS, (part) => {
    if (part.startsWith("[!")) return `[^${part.slice(2)}`;
    return part.length > 1 ? part : `\\${part}`;
  });
}

function compile(source: string, flags: number, pattern: string): Matcher {
  try {
    const compiled = RE2JS.compile(source, flags);
    return (text) => compiled.test(text);
  } catch (error: unknown) {
    throw invalid(pattern, error);
  }
}

function invalid(pattern: string, error: unknown): FileProblem {
  const reason = (error as { message?: unknown }).message;
  return new FileProblem("invalid_pattern", `"${pattern}" is not a valid pattern: ${reason}`);
}
