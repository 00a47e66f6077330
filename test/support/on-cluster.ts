// Which of the two a flow test runs on: one process on its own files (npm test), or processes on real servers (npm run test:cluster,
// for the files that jest.cluster.config.mjs names).
import type { Obstacle } from "./unless.ts";

export const isOnCluster = (globalThis as { flowsOn?: "cluster" }).flowsOn === "cluster";

/** For `testUnless`: what only one process on its own files can show. @param why in words, with who shows it of a cluster */
export const onCluster = (why: string): Obstacle => (isOnCluster ? why : undefined);

/** Files of test/flow that run on both: guarantees that bind both (test/unit/support/guarantees.test.ts). The whole must stay quick. */
export const FLOWS = [
  "access",
  "action-access",
  "admin-installation",
  "approvals",
  "audit-trail",
  "bound-answers",
  "busy-session",
  "canary",
  "cancel",
  "deadline",
  "first-chat",
  "http-door",
  "idempotency",
  "mcp-door",
  "openai-agent",
  "planned-restart",
  "quota",
  "replace-message",
  "resume-stream",
  "server-tools",
  "sessions",
  "sign-in",
];
