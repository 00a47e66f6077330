// The named secrets of this Mac: in the keychain on macOS, elsewhere in a file that only its owner may read. What a call may have
// of them its policy says (mac-node/policy).
import { hash } from "node:crypto";
import { z } from "zod";
import { toError } from "../../lib/errors.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { programRunner, type RunProgram } from "../program/run-program.ts";
import { readStored, writeStored } from "../program/stored.ts";
import type { SecretSource } from "./call-secrets.ts";
import { LEAST_CHARACTERS, MOST_BYTES } from "./forms.ts";
import { Keychain } from "./keychain.ts";
import { secretName } from "./placeholders.ts";

const MOST_SECRETS = 200;
/** `value`: where there is no keychain. */
const file = z.record(secretName, z.object({ set_at: z.iso.datetime(), value: z.string().optional() }));

/** What was read when the file was as `mark` says. */
type Known = { mark: string; readonly until: number; values: Promise<readonly string[]> };
const ASK_AGAIN_MS = 60_000;

const NONE: readonly string[] = [];

/** Why a value is not taken. */
export type BadSecret = "name" | "short" | "long" | "nul" | "many";

export class SecretStore implements SecretSource {
  readonly #path: string;
  readonly #keychain: Keychain | undefined;
  #known: Known | undefined;

  /** @param path of the file that has the names, and the values where there is no keychain */
  constructor(path: string, platform: NodeJS.Platform = process.platform, run: RunProgram = programRunner()) {
    this.#path = path;
    // Two folders on one Mac have secrets of their own.
    const service = `macjarvis-node-${hash("sha256", path).slice(0, 8)}`;
    this.#keychain = platform === "darwin" ? new Keychain(service, run) : undefined;
  }

  list(): { name: string; setAt: string }[] {
    return Object.entries(this.#read())
      .map(([name, { set_at }]) => ({ name, setAt: set_at }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @returns why it was not taken. @throws NodeProblem, Error in words of the keychain */
  async set(name: string, value: string, now: Date = new Date()): Promise<BadSecret | undefined> {
    if (!secretName.safeParse(name).success) return "name";
    if (value.includes("\0")) return "nul";
    if ([...value].length < LEAST_CHARACTERS) return "short";
    if (Buffer.byteLength(value) > MOST_BYTES) return "long";
    const known = this.#read();
    if (!Object.hasOwn(known, name) && Object.keys(known).length >= MOST_SECRETS) return "many";
    await this.#keychain?.set(name, value);
    const entry = { set_at: now.toISOString(), ...(this.#keychain ? {} : { value }) };
    writeStored(this.#path, { ...known, [name]: entry });
    return undefined;
  }

  async get(name: string): Promise<string | undefined> {
    try {
      const known = this.#read();
      const entry = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!entry) return undefined;
      return this.#keychain ? await this.#keychain.get(name) : entry.value;
    } catch (thrown) {
      throw new ToolFailure("secret_unavailable", toError(thrown).message);
    }
  }

  /** A keychain that does not tell one of them now is asked again a minute later. Never throws. */
  async all(): Promise<readonly string[]> {
    try {
      const kept = this.#read();
      const mark = JSON.stringify(kept);
      if (this.#known?.mark !== mark || performance.now() >= this.#known.until)
        this.#known = this.#look(Object.keys(kept), mark);
    } catch {
      // The file is damaged: whoever sets one, or names one in a call, is told so.
    }
    return this.#known?.values ?? NONE;
  }

  #look(names: string[], mark: string): Known {
    let until = Number.POSITIVE_INFINITY;
    const values = Promise.all(
      names.map((name) =>
        this.get(name).catch(() => {
          until = performance.now() + ASK_AGAIN_MS;
          return undefined;
        }),
      ),
    ).then((found) => found.filter((value) => value !== undefined));
    return {
      mark,
      values,
      get until() {
        return until;
      },
    };
  }

  /** @returns whether there was one */
  async remove(name: string): Promise<boolean> {
    const { [name]: entry, ...others } = this.#read();
    await this.#keychain?.remove(name);
    if (entry) writeStored(this.#path, others);
    return entry !== undefined;
  }

  #read(): z.output<typeof file> {
    return readStored(this.#path, file) ?? {};
  }
}
