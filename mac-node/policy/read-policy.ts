// Reads the policy file. One that is damaged allows nothing: to go on with what is usual would open what its owner has closed.
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { toError } from "../../lib/errors.ts";
import { checkFields } from "../../lib/field-errors.ts";
import { reasonOfSystem } from "../../lib/unusable.ts";
import { linesOf } from "./lines.ts";
import { type Policy, policySchema } from "./policy.ts";

/** `isThere`: false when there is no file, which allows what the server allows. `faults`: sentences with their lines. */
export type PolicyState = { ok: true; policy: Policy; isThere: boolean } | { ok: false; faults: string[] };

const MOST_BYTES = 262_144;
const WRITABLE_BY_OTHERS = 0o022;

/** Never throws. */
export function readPolicy(path: string): PolicyState {
  const text = textOf(path);
  if (typeof text === "object") return text.fault === undefined ? NONE : { ok: false, faults: [text.fault] };
  return parsePolicy(text);
}

const NONE: PolicyState = { ok: true, policy: {}, isThere: false };

export function parsePolicy(text: string): PolicyState {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (thrown) {
    return { ok: false, faults: [syntaxFault(toError(thrown), text)] };
  }
  const lines = linesOf(text);
  const twice = lines.twice.map(({ path, line }) => `line ${line}: ${path} is there twice`);
  const checked = checkFields(policySchema, value);
  if (checked.ok && twice.length === 0) return { ok: true, policy: checked.data, isThere: true };
  const faults = checked.ok ? [] : checked.faults;
  return {
    ok: false,
    faults: [
      ...twice,
      ...faults.map(
        ({ path, message }) => `line ${lineOf(lines.of, path)}: ${path || "the policy"} ${message}`,
      ),
    ],
  };
}

/** Of the value itself, else of what it is missing in. */
function lineOf(lines: Map<string, number>, path: string): number {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const line = lines.get(at);
    if (line !== undefined) return line;
    if (at === "") return 1;
  }
}

/** V8 says where in its message, where it has a place. */
function syntaxFault({ message }: Error, text: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  const atEnd = /end of JSON input/.test(message);
  const end = position === undefined ? (atEnd ? text.length : undefined) : Number(position);
  const said = message.replace(/ in JSON at position.*| \(line.*|, ("|\.\.\.)[\s\S]*$/, "");
  if (end === undefined) return `it is not JSON: ${said}`;
  return `line ${text.slice(0, end).split("\n").length}: it is not JSON: ${said}`;
}

/** Judged by what was opened: no FIFO is waited for, and nobody else may have written it. */
function textOf(path: string): string | { fault: string | undefined } {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) return { fault: "it is no regular file" };
    if (stats.size > MOST_BYTES) return { fault: `it has more than ${MOST_BYTES} bytes` };
    if ((stats.mode & WRITABLE_BY_OTHERS) !== 0)
      return { fault: `others may write it: run chmod 600 ${path}` };
    if (isOfAnother(stats)) return { fault: "it belongs to another user of this machine" };
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT")
      return { fault: `it cannot be read: ${reasonOfSystem(thrown)}` };
    return { fault: isThere(path) ? "it is a link to what is not there" : undefined };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The system's administrator may have written it for whoever serves. */
function isOfAnother({ uid }: Stats): boolean {
  return uid !== 0 && uid !== process.getuid?.();
}

/** A link that leads nowhere is no policy that allows everything: what it leads to may be on a volume that is not mounted yet. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
