// Reads the policy file. One that is damaged allows nothing: to go on with what is usual would open what its owner has closed.
import { toError } from "../../lib/errors.ts";
import { checkFields } from "../../lib/field-errors.ts";
import { lineOf, linesOf, syntaxFault } from "./lines.ts";
import { ownText } from "./own-text.ts";
import { type Policy, policySchema } from "./policy.ts";

/** `isThere`: false when there is no file, which allows what the server allows. `faults`: sentences with their lines. */
export type PolicyState = { ok: true; policy: Policy; isThere: boolean } | { ok: false; faults: string[] };

/** Never throws. */
export function readPolicy(path: string): PolicyState {
  const text = ownText(path);
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
