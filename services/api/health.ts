// Liveness and readiness: live when the event loop turns, ready when everything a chat needs answers.
import { type Exchange, sendJson } from "./handle-request.ts";

const NEEDED = ["users", "quota", "sessions", "agent", "tools", "nodes"];

export async function live({ response }: Exchange): Promise<void> {
  sendJson(response, 200, { status: "live" });
}

/** 503 with what is missing, so that a load balancer and a person both know. */
export async function ready({ broker, response }: Exchange): Promise<void> {
  const missing = NEEDED.filter(
    (name) =>
      !broker.registry.getServiceList({ onlyAvailable: true }).some((service) => service.name === name),
  );
  const stores = await broker.core.ports.check();
  const problems = [...missing.map((name) => `service ${name}`), ...stores];
  if (problems.length === 0) sendJson(response, 200, { status: "ready" });
  else {
    response.setHeader("Retry-After", "2");
    sendJson(response, 503, { status: "not_ready", missing: problems });
  }
}
