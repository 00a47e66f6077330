// Authorities for the certificate of a server of one's own, from the file that `--ca` names.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { toError } from "../../lib/errors.ts";
import { reasonOfSystem } from "../../lib/unusable.ts";
import { NodeProblem } from "./problem.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const MOST_BYTES = 1_048_576;

/** The certificates of the file, in PEM. @throws NodeProblem `bad_authority` */
export function readAuthorities(file: string): string {
  const bad = (why: string) => new NodeProblem({ kind: "bad_authority", file, why });
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    throw bad(isMissing ? "there is no such file" : reasonOfSystem(thrown));
  }
  const found = text.length > MOST_BYTES ? [] : (text.match(CERTIFICATE) ?? []);
  if (found.length === 0) throw bad("it holds no certificate in PEM");
  try {
    for (const certificate of found) new X509Certificate(certificate);
  } catch (thrown) {
    throw bad(`a certificate in it cannot be read (${toError(thrown).message})`);
  }
  return `${found.join("\n")}\n`;
}
