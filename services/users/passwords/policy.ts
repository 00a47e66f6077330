// Which new passwords are refused because they are the first that somebody else would try (G17). Length is the schema's.
import { readFileSync } from "node:fs";
import { AppError } from "../../../lib/errors.ts";

let common: Set<string> | undefined;

/** @throws weak_password when it is common, a plain row of characters, or the e-mail address */
export function checkNewPassword(password: string, email: string): void {
  const folded = password.normalize("NFKC").toLowerCase().trim();
  if (commonPasswords().has(folded)) refuse("is one of the most common passwords");
  if (isPlainRow(folded)) refuse("is a plain row of characters");
  if (isFromEmail(folded, email)) refuse("is made of the e-mail address");
}

function refuse(message: string): never {
  throw new AppError(
    "weak_password",
    `The password ${message}: choose another, e.g. a few unrelated words.`,
    {
      errors: [{ path: "password", message }],
    },
  );
}

/** The file's own first lines say where it comes from. */
function commonPasswords(): Set<string> {
  if (common) return common;
  const lines = readFileSync(new URL("./common-passwords.txt", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  common = new Set(lines.slice(lines.indexOf("-----") + 1));
  return common;
}

/** "aaaaaaaa", "abcdefgh", "87654321": the same distance between all neighbours. */
function isPlainRow(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const [first = 0] = steps;
  return Math.abs(first) <= 1 && steps.every((step) => step === first);
}

/** The address, its first part, or that with digits and signs behind it. */
function isFromEmail(text: string, email: string): boolean {
  const name = email.slice(0, email.lastIndexOf("@"));
  if (text === email || text === name) return true;
  return name !== "" && text.startsWith(name) && /^[^\p{L}]*$/u.test(text.slice(name.length));
}
