// The one way of a process to Redis, which is only ever faster: whoever asks it says what to do instead, and gets that in bounded time
// while Redis is away, at once while that is known. It is looked for until it is back. Used by the adapters beside this file.
import type { Log } from "../../log.ts";
import type { Metrics } from "../../metrics.ts";
import { makeClient, type RedisClient } from "./client.ts";
import { type Fault, faultOf, NoAnswer } from "./fault.ts";
import { greet } from "./greet.ts";
import { inTime, OPERATION_MS } from "./in-time.ts";
import { type RedisUrl, readRedisUrl } from "./redis-url.ts";
import { Refusal } from "./refusal.ts";

type Command<T> = (client: RedisClient) => Promise<T>;
type Instead<T> = () => T | Promise<T>;

export interface RedisLink {
  /**
   * What the command, which needs no room, answers; what `instead` answers while Redis is away. Throws only what `instead` throws.
   * Where `instead` answered, the command may have been done all the same.
   */
  read<T>(command: Command<T>, instead: Instead<T>): Promise<T>;
  /** The same for what a server that is full refuses. */
  write<T>(command: Command<T>, instead: Instead<T>): Promise<T>;
  /** Done whenever Redis is there again, before anything else is asked. What it throws means that it is not. */
  whenBack(work: Command<unknown>): void;
  /** What keeps it from being used, in words; undefined when all is well, as far as is known. */
  problem(): string | undefined;
  /** The same, after asking it. */
  check(): Promise<string | undefined>;
  /** Ends the connection and the search for one; everything is answered by `instead` from then on. Safe to repeat. */
  close(): Promise<void>;
}

export type RedisOptions = {
  url: string;
  log: Pick<Log, "info" | "warn">;
  metrics?: Pick<Metrics, "watch">;
  /** How long one operation may take before it is done without Redis. */
  operationMs?: number;
  /** How long opening waits for the first word about it. */
  openingMs?: number;
};

/** From the start of a connection until it can be used: several Sentinels may be dead. */
const ATTEMPT_MS = 5_000;
const OPENING_MS = 1_500;
/** Between two attempts, doubling. */
const LEAST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 2_000;
/** After which a connection that ends counts as one that worked: the next pause is the least. */
const WORKED_MS = 10_000;
/** How often it is asked for a sign of life, so that requests do not find out. */
const LOOK_MS = 5_000;
/** Oddities that are said; there are not that many. */
const MOST_ODDITIES = 20;
const WITHOUT =
  "Until that has ended, limits and locks are of each process, and what is cached is cached in processes only.";

/**
 * Answers when it is connected, or as soon as it is known or likely that it is not: its absence is said in the log and fails nothing.
 * @throws Error in words when the URL cannot be used
 */
export async function openRedis(options: RedisOptions): Promise<RedisLink> {
  const link = new Link(readRedisUrl(options.url), options);
  await link.firstWord();
  return link;
}

class Link implements RedisLink {
  readonly #url: RedisUrl;
  readonly #log: RedisOptions["log"];
  readonly #operationMs: number;
  readonly #openingMs: number;
  readonly #work: Command<unknown>[] = [];
  /** That of the attempt that is under way, or the one in use. A client is one connection: one that ended is never used again. */
  #current: RedisClient | undefined;
  /** In use since then, by `performance.now()`; undefined while Redis is away. */
  #usableSince: number | undefined;
  #away: Fault | undefined;
  #refusal: Refusal | undefined;
  #attempts = 0;
  /** It was lost as soon as it was back: said once, and no more until it stays. */
  #comesAndGoes = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #looks: NodeJS.Timeout;
  readonly #firstWord = Promise.withResolvers<void>();
  /** Of this absence, and of the whole life. */
  readonly #saidReasons = new Set<string>();
  readonly #saidOddities = new Set<string>();

  constructor(url: RedisUrl, options: RedisOptions) {
    const { log, metrics, operationMs = OPERATION_MS, openingMs = OPENING_MS } = options;
    this.#url = url;
    this.#log = log;
    this.#operationMs = operationMs;
    this.#openingMs = openingMs;
    metrics?.watch("macjarvis_redis_up", "gauge", "Whether Redis can be used: 1 or 0.", () =>
      this.problem() === undefined ? 1 : 0,
    );
    this.#looks = setInterval(() => void this.check(), LOOK_MS);
    this.#looks.unref();
    this.#connect();
  }

  async firstWord(): Promise<void> {
    const late = setTimeout(() => {
      this.#say(faultOf(new NoAnswer()));
      this.#firstWord.resolve();
    }, this.#openingMs);
    await this.#firstWord.promise;
    clearTimeout(late);
  }

  read<T>(command: Command<T>, instead: Instead<T>): Promise<T> {
    return this.#ask(command, instead, false);
  }

  write<T>(command: Command<T>, instead: Instead<T>): Promise<T> {
    return this.#ask(command, instead, true);
  }

  async #ask<T>(command: Command<T>, instead: Instead<T>, isWrite: boolean): Promise<T> {
    const client = this.#current;
    if (!client || this.#usableSince === undefined || this.#refusal?.holds(isWrite)) return instead();
    try {
      return await inTime(command(client), this.#operationMs);
    } catch (thrown: unknown) {
      this.#judge(client, faultOf(thrown), isWrite);
    }
    return instead();
  }

  #judge(client: RedisClient, { kind, ...fault }: Fault, isWrite: boolean): void {
    if (client !== this.#current) return;
    if (kind === "gone") this.#lose(client, { kind, ...fault });
    else if (kind === "odd") this.#sayOdd(fault.reason);
    else if (this.#refusal && !isWrite) this.#refusal.extend();
    else if (!this.#refusal) {
      const refused = { reason: fault.reason, isOfAll: !isWrite, operationMs: this.#operationMs };
      this.#refusal = new Refusal(client, refused, () => this.#taken(client));
      this.#log.warn(this.#sentence(fault.reason));
    }
  }

  /** What it may have missed meanwhile is done first; where that fails, the next probe leads here again. */
  async #taken(client: RedisClient): Promise<void> {
    const refusal = this.#refusal;
    for (const work of this.#work) await inTime(work(client), this.#operationMs);
    if (client !== this.#current || refusal === undefined || refusal !== this.#refusal) return;
    this.#refusal = undefined;
    this.#log.info(`${this.#url.shown} takes what is written again.`);
  }

  #sayOdd(reason: string): void {
    if (this.#saidOddities.size >= MOST_ODDITIES || this.#saidOddities.has(reason)) return;
    this.#saidOddities.add(reason);
    this.#log.warn(`${this.#url.shown} does not do what it is asked: ${reason}. That is done without it.`);
  }

  whenBack(work: Command<unknown>): void {
    this.#work.push(work);
  }

  problem(): string | undefined {
    if (this.#usableSince !== undefined) return this.#refusal && this.#sentence(this.#refusal.reason);
    return this.#sentence(this.#away?.reason ?? "it is being connected");
  }

  #sentence(reason: string): string {
    return `${this.#url.shown}: ${reason}. ${WITHOUT}`;
  }

  async check(): Promise<string | undefined> {
    const ping = (client: RedisClient): Promise<unknown> => client.ping();
    await this.read(ping, () => undefined);
    return this.problem();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#looks);
    this.#drop();
    this.#away = { kind: "gone", reason: "this process has closed it" };
    this.#firstWord.resolve();
  }

  #connect(): void {
    const client = makeClient(this.#url, this.#operationMs);
    this.#current = client;
    let fault: Fault | undefined;
    client.on("error", (error: unknown) => {
      // The first says why; those behind it say that the connection ended for it.
      fault ??= faultOf(error);
      // In use, one whose connection ends says so below; of a cluster single nodes may fail.
      if (this.#usableSince === undefined) this.#lose(client, fault);
    });
    const ended = () => this.#lose(client, fault ?? faultOf(new Error("Connection is closed.")));
    client.on("close", ended);
    client.on("end", ended);
    client.on("ready", () => void this.#begin(client));
    this.#timer = setTimeout(
      () => this.#lose(client, fault ?? faultOf(new NoAnswer())),
      Math.max(ATTEMPT_MS, this.#openingMs),
    );
  }

  async #begin(client: RedisClient): Promise<void> {
    const unfit = await greet(client, this.#url, this.#work, this.#operationMs);
    if (client !== this.#current) return;
    if (unfit) return this.#lose(client, unfit);
    clearTimeout(this.#timer);
    this.#usableSince = performance.now();
    if (this.#comesAndGoes) this.#timer = setTimeout(() => this.#sayBack(), WORKED_MS).unref();
    else if (this.#away) this.#sayBack();
    this.#away = undefined;
    this.#firstWord.resolve();
  }

  #sayBack(): void {
    this.#comesAndGoes = false;
    this.#saidReasons.clear();
    this.#log.info(`${this.#url.shown} is there again.`);
  }

  /** Of a client that is not the current one any more nothing is new. */
  #lose(client: RedisClient, fault: Fault): void {
    if (this.#isClosed || client !== this.#current) return;
    if (this.#usableSince !== undefined && performance.now() - this.#usableSince > WORKED_MS)
      this.#attempts = 0;
    const isAgain = this.#usableSince !== undefined && this.#attempts > 0;
    this.#drop();
    this.#say(fault, isAgain);
    this.#firstWord.resolve();
    const pauseMs = Math.min(MOST_PAUSE_MS, LEAST_PAUSE_MS * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 10);
    // Spread, so that the processes of a cluster do not come back all at once.
    this.#timer = setTimeout(() => this.#connect(), pauseMs * (0.75 + Math.random() / 2));
  }

  /** Once for each time that it is away, and once for each reason that only a person can end. */
  #say(fault: Fault, isAgain = false): void {
    const isKnown = this.#away !== undefined || this.#comesAndGoes;
    const isNews = !isKnown || (fault.lasting === true && !this.#saidReasons.has(fault.reason));
    this.#away = fault;
    this.#comesAndGoes ||= isAgain;
    if (!isNews) return;
    this.#saidReasons.add(fault.reason);
    this.#log.warn(`${this.#sentence(fault.reason)}${isAgain ? " It comes and goes." : ""}`);
  }

  #drop(): void {
    const client = this.#current;
    this.#current = this.#usableSince = this.#refusal = undefined;
    clearTimeout(this.#timer);
    client?.disconnect();
  }
}
