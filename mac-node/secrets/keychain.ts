// The keychain of macOS through /usr/bin/security (security(1)). A value is never in an argument: `security -i` reads its commands
// from standard input. Values are kept as base64, which needs no quotes there and which `find-generic-password -w` prints as it
// is (what is no printable ASCII it would print as hex).
import type { RunProgram } from "../program/run-program.ts";

const SECURITY = "/usr/bin/security";
/** errSecItemNotFound and errSecInteractionNotAllowed, modulo 256, as security(1) exits with them. */
const NOT_FOUND = 44;
const NOT_ALLOWED = 36;

export class Keychain {
  readonly #run: RunProgram;
  readonly #service: string;

  /** @param service under which the items stand: letters, digits and - */
  constructor(service: string, run: RunProgram) {
    this.#service = service;
    this.#run = run;
  }

  /** @throws Error in words when the keychain does not take it */
  async set(name: string, value: string): Promise<void> {
    const kept = Buffer.from(value, "utf8").toString("base64");
    const command = `add-generic-password -U -a ${name} -s ${this.#service} -l "MacJarvis ${name}" -w ${kept}\n`;
    const { stderr } = await this.#run([SECURITY, "-i"], command);
    // Whatever its commands do, `security -i` ends well: what is there now tells.
    if ((await this.get(name)) !== value) throw new Error(whyNot(NOT_ALLOWED, stderr));
  }

  /** Undefined when there is none. @throws Error in words when the keychain cannot be asked */
  async get(name: string): Promise<string | undefined> {
    const argv = [SECURITY, "find-generic-password", "-a", name, "-s", this.#service, "-w"];
    const { code, stdout, stderr } = await this.#run(argv);
    if (code === 0) return Buffer.from(stdout.trim(), "base64").toString("utf8");
    if (code === NOT_FOUND) return undefined;
    throw new Error(whyNot(code, stderr));
  }

  /** That there is none is no error. @throws Error in words when the keychain cannot be asked */
  async remove(name: string): Promise<void> {
    const argv = [SECURITY, "delete-generic-password", "-a", name, "-s", this.#service];
    const { code, stderr } = await this.#run(argv);
    if (code !== 0 && code !== NOT_FOUND) throw new Error(whyNot(code, stderr));
  }
}

function whyNot(code: number, stderr: string): string {
  if (/interaction is not allowed/i.test(stderr) || (code === NOT_ALLOWED && stderr === ""))
    return "The keychain is locked or may not be asked now: log in at the Mac itself, or run security unlock-keychain.";
  const [said = ""] = stderr.trim().split("\n");
  return `The keychain refuses: ${said.replace(/^security: /, "") || `exit code ${code}`}`;
}
