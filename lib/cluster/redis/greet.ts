// What a new connection is asked before it is used: whether it is to what REDIS_URL says, and whether it is as quick as it has to be.
import { KEPT } from "../../ports/keys.ts";
import type { RedisClient } from "./client.ts";
import { type Fault, faultOf, unfitness } from "./fault.ts";
import { inTime } from "./in-time.ts";
import type { RedisUrl } from "./redis-url.ts";

/** Of the first question, on a server that has just started. */
const GREETING_MS = 2_000;

/**
 * @param work to be done before anything else
 * @returns what keeps it from being used. Never throws.
 */
export async function greet(
  client: RedisClient,
  url: RedisUrl,
  work: readonly ((client: RedisClient) => Promise<unknown>)[],
  operationMs: number,
): Promise<Fault | undefined> {
  const greetingMs = Math.max(GREETING_MS, operationMs);
  try {
    const unfit = unfitness(await inTime(infoOf(client), greetingMs), url.kind);
    if (unfit) return unfit;
    // A script, as most of what follows: whoever may not run one finds it here.
    await inTime(client.presenceCount(KEPT.presence), operationMs);
    for (const done of work) await inTime(done(client), greetingMs);
    return undefined;
  } catch (thrown: unknown) {
    return faultOf(thrown);
  }
}

/** Who may not ask for it may use all else. */
async function infoOf(client: RedisClient): Promise<string> {
  try {
    return await client.info();
  } catch (thrown: unknown) {
    if (String(thrown).includes("NOPERM")) return "";
    throw thrown;
  }
}
