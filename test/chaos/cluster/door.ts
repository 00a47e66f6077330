// How a user reaches the cluster: any gateway, and another one when there is no answer. Each call is remembered with its time.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../../support/client.ts";
import type { Member } from "./member.ts";

export type Call = {
  gateway: Member;
  what: string;
  from: number;
  to: number;
  /** 0: the connection broke, or there was no answer for a minute. */
  status: number;
  /** The answer says when to come again. */
  hasRetryAfter: boolean;
};

export type Answer = { status: number; body: Record<string, unknown> };

/** Longer than anything may take that is not a stream. */
const LIMIT_MS = 60_000;
const PAUSE_MS = 300;

export class Door {
  readonly calls: Call[];
  readonly #gateways: readonly Member[];
  readonly #key: string;
  readonly #random: () => number;

  /** @param calls where all doors of a cluster keep theirs */
  constructor(gateways: readonly Member[], key: string, random: () => number, calls: Call[]) {
    this.#gateways = gateways;
    this.#key = key;
    this.#random = random;
    this.calls = calls;
  }

  /** Another one than that, if there is one. */
  any(except?: Member): Member {
    const others = this.#gateways.filter((gateway) => gateway !== except);
    return others[Math.floor(this.#random() * others.length)] ?? (this.#gateways[0] as Member);
  }

  /** Undefined when there is no answer. @param signal cuts the connection */
  async open(
    gateway: Member,
    [method, path, body, headers]: [string, string, unknown?, Record<string, string>?],
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const from = performance.now();
    const client = new Client(gateway.url, this.#key);
    const response = await client.open(method, path, body, headers, signal).catch(() => undefined);
    const what = `${method} ${path.replace(/(run|ses|call)_\w+/g, "$1")}`;
    const hasRetryAfter = response?.headers.has("retry-after") === true;
    this.calls.push({
      ...{ gateway, what, from, to: performance.now() },
      ...{ status: response?.status ?? 0, hasRetryAfter },
    });
    return response;
  }

  /** Once, through this gateway. */
  async ask(
    gateway: Member,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const response = await this.open(gateway, [method, path, body, headers], signal);
    if (!response) return { status: 0, body: {} };
    const text = await response.text().catch(() => undefined);
    if (text === undefined) return { status: 0, body: {} };
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
  }

  /** Again and again, each time through another one, until there is an answer that stays the same. */
  async insist(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer & { gateway: Member; tries: number }> {
    let gateway = this.any();
    for (let tries = 1; ; tries += 1) {
      const answer = await this.ask(gateway, method, path, body, headers);
      if (!isPassing(answer.status)) return { ...answer, gateway, tries };
      await sleep(PAUSE_MS);
      gateway = this.any(gateway);
    }
  }
}

/** No answer, an answer of a store or a process that is away, or one that says: later. */
export const isPassing = (status: number): boolean => status === 0 || status === 429 || status >= 500;
