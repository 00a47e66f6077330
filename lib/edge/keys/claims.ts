// The claims of the edge account in a running nats-server, over its system account: what is pushed holds at once, for connections that
// stand as well, and is kept by the server over its restarts.

import { join } from "node:path";
import type { Msg } from "nats";
import { type Nats, openNats } from "../../cluster/nats/open-nats.ts";
import { KEY_FILES, readKeyFile } from "./key-files.ts";
import { claimsLookupSubject, claimsUpdateSubject } from "./subjects.ts";

type Options = {
  /** Of the edge's nats-server. */
  url: string;
  keysFolder: string;
  /** Told in words when the server goes away and comes back. */
  tell?: (words: string) => void;
};

/** A revocation has to hold within a second; who asks tries again. */
const ANSWER_MS = 5_000;

/** @throws Error in words: a key is missing, no server, … */
export async function openClaims({ url, keysFolder, tell }: Options): Promise<EdgeClaims> {
  const account = readKeyFile(keysFolder, KEY_FILES.edgeAccount);
  readKeyFile(keysFolder, KEY_FILES.systemCreds);
  const nats = await openNats({
    ...{
      url,
      variable: "EDGE_URL",
      name: "macjarvis edge claims",
      credentialsFile: join(keysFolder, KEY_FILES.systemCreds),
    },
    ...(tell ? { tell } : {}),
  });
  return new EdgeClaims(nats, account);
}

export class EdgeClaims {
  readonly #nats: Nats;
  readonly #account: string;

  constructor(nats: Nats, account: string) {
    this.#nats = nats;
    this.#account = account;
  }

  /**
   * Makes these claims the account's; who they revoke is cut off. May be repeated.
   * @param jwt of `EdgeSigner.edgeAccountClaims`
   * @throws Error when the server is away, does not answer in time, or refuses: then nobody knows whether they hold, push again
   */
  async pushClaims(jwt: string): Promise<void> {
    const { error, data } = answerIn(await this.#ask(claimsUpdateSubject(this.#account), jwt));
    if (error !== undefined || data?.code !== 200 || data.account !== this.#account)
      throw new Error(
        `nats-server did not take the claims of the edge account: ${wordsOf(error) ?? data?.message ?? "its answer cannot be read"}`,
      );
  }

  /** The claims that the server has; undefined when it does not know the account. @throws Error when it is away or does not answer */
  async readClaims(): Promise<string | undefined> {
    // As the file has it, with its line end.
    const text = (await this.#ask(claimsLookupSubject(this.#account), "")).string().trim();
    return text === "" ? undefined : text;
  }

  /** Calls it each time the server is there again: it may be another one, or have lost what it kept. */
  onReturn(listener: () => void): void {
    this.#nats.onReturn(listener);
  }

  close(): Promise<void> {
    return this.#nats.close();
  }

  async #ask(subject: string, data: string): Promise<Msg> {
    if (!this.#nats.isThere) throw new Error("the nats-server of the edge is away");
    return this.#nats.connection.request(subject, data, { timeout: ANSWER_MS });
  }
}

type Answer = { error?: unknown; data?: { code?: unknown; account?: unknown; message?: string } };

function answerIn(message: Msg): Answer {
  try {
    return message.json<Answer>() ?? {};
  } catch {
    return {};
  }
}

function wordsOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const { description } = error as { description?: unknown };
  return typeof description === "string" ? description : JSON.stringify(error);
}
