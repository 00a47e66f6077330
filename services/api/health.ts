// Liveness and readiness: live when the event loop turns, ready when everything a chat needs answers. Strangers may ask, so the
// answer names no place on the disk, and asking often costs no more than asking once a second.
import type { ServiceBroker } from "moleculer";
import { toError } from "../../lib/errors.ts";
import { type Exchange, type SpecialHandler, sendJson } from "./handle-request.ts";

/** What a chat needs wherever it is served; besides, every service that this process was told to run. */
const NEEDED = ["users", "quota", "sessions", "agent", "tools", "nodes"];
/** How long an answer is good for, in milliseconds. */
const KEPT_MS = 1_000;

export async function live({ response }: Exchange): Promise<void> {
  sendJson(response, 200, { status: "live" });
}

/**
 * Answers 503 with what is missing, so that a load balancer and a person both know; its log says where.
 * @param check what does not answer now of what the process has opened
 */
export function readiness(check: () => Promise<string[]>): SpecialHandler {
  let asked: Promise<string[]> | undefined;
  let askedAt = 0;
  return async ({ broker, response, log }) => {
    const now = performance.now();
    if (!asked || now - askedAt >= KEPT_MS) {
      askedAt = now;
      asked = check().catch((thrown: unknown) => [toError(thrown).message]);
      void asked.then((found) => found.length > 0 && log.warn({ problems: found }, "not ready"));
    }
    const problems = [...missingServices(broker), ...(await asked).map(withoutPlaces)];
    if (problems.length === 0) return sendJson(response, 200, { status: "ready" });
    response.setHeader("Retry-After", "2");
    sendJson(response, 503, { status: "not_ready", missing: problems });
  };
}

/** A service is there when it has started: one that still loads, or that hangs in its start, is not. */
function missingServices(broker: ServiceBroker): string[] {
  const there = new Set(broker.registry.getServiceList({ onlyAvailable: true }).map(({ name }) => name));
  const needed = new Set([...NEEDED, ...broker.services.map(({ name }) => name)]);
  return [...needed].filter((name) => !there.has(name)).map((name) => `service ${name}`);
}

/** Where something lies on this machine is nothing for strangers. */
function withoutPlaces(problem: string): string {
  if (!/[/\\]/.test(problem)) return problem;
  return /\bfull\b/.test(problem) ? "the disk is full" : "a store (the log says more)";
}
