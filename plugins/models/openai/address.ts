// Where a server is asked. Most have their `/v1` in the address; people leave it out, because the server's own page is there.
import { type AppError, isType } from "../../../lib/errors.ts";

/** The paths of requests, which people copy along with the address. */
const ENDPOINT = /\/+(chat\/completions|completions|responses|messages)\/*$/;

/** A base URL without the path of a request. */
export function withoutEndpoint(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (!ENDPOINT.test(url.pathname)) return baseUrl;
  url.pathname = url.pathname.replace(ENDPOINT, "");
  return url.href;
}

/** How a server that speaks OpenAI's language is told the key. Azure takes tokens of its directory as bearers, and keys not. */
export function credentialOf(baseUrl: string, apiKey: string): Record<string, string> {
  const isAzure = new URL(baseUrl).hostname.endsWith(".azure.com") && !apiKey.startsWith("eyJ");
  return isAzure ? { "api-key": apiKey } : { authorization: `Bearer ${apiKey}` };
}

/** The addresses that a base URL may mean, the written one first. One with a path is meant as it is. */
export function addressesOf(baseUrl: string): string[] {
  const { origin, pathname, search } = new URL(baseUrl);
  return pathname === "/" && search === "" ? [baseUrl, `${origin}/v1`] : [baseUrl];
}

/** Asks at the written address, and at the other one when no model is there; the one that has answered is kept. */
export class Address {
  #possible: string[] | undefined;
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** @throws what `question` throws; of two that found nothing, the first */
  async ask<Answer>(question: (baseUrl: string) => Promise<Answer>): Promise<Answer> {
    this.#possible ??= addressesOf(this.#baseUrl);
    const [written = this.#baseUrl, other] = this.#possible;
    try {
      return this.#keep(written, await question(written));
    } catch (nothing) {
      if (other === undefined || !isNotFound(nothing)) throw nothing;
      try {
        return this.#keep(other, await question(other));
      } catch (thrown) {
        throw isNotFound(thrown) ? nothing : thrown;
      }
    }
  }

  #keep<Answer>(address: string, answer: Answer): Answer {
    this.#possible = [address];
    return answer;
  }
}

function isNotFound(error: unknown): boolean {
  if (!isType(error, "model_rejected")) return false;
  const { reason } = (error as AppError).data.show ?? {};
  return reason === "unknown_model" || reason === "wrong_address";
}
