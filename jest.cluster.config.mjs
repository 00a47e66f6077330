// What is tested against real servers (npm run test:cluster; .ci/install-servers brings them): test/cluster, each file of which starts
// its own, and flow tests that run on one process under `npm test` and here on a cluster of processes (test/support/cluster-stack.ts).
import quick from "./jest.config.mjs";

const { testEnvironment, extensionsToTreatAsEsm, transform, ...run } = quick;
const project = { testEnvironment, extensionsToTreatAsEsm, transform };

/** Files of test/flow. Which guarantee is shown by which says test/unit/support/guarantees.test.ts. */
export const FLOWS = [
  "access",
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
  "key-rights",
  "planned-restart",
  "quota",
  "resume-stream",
  "scopes",
  "sessions",
  "slow-readers",
  "users-leave",
];

delete run.testMatch;
export default {
  ...run,
  projects: [
    { ...project, displayName: "cluster", testMatch: ["<rootDir>/test/cluster/**/*.test.ts"] },
    {
      ...project,
      displayName: "flow on a cluster",
      testMatch: FLOWS.map((name) => `<rootDir>/test/flow/${name}.test.ts`),
      globals: { flowsOn: "cluster" },
      globalSetup: "<rootDir>/test/support/shared-servers.ts",
      globalTeardown: "<rootDir>/test/support/stop-shared-servers.ts",
    },
  ],
};
