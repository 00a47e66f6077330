// What is tested against real servers (npm run test:cluster; .ci/install-servers brings them): test/cluster and test/edge, each file of
// which starts its own, and flow tests that run on one process under `npm test` and here on a cluster of processes
// (test/support/cluster-stack.ts).
import quick from "./jest.config.mjs";
import { FLOWS } from "./test/support/on-cluster.ts";

const { testEnvironment, extensionsToTreatAsEsm, transform, testMatch: _, ...run } = quick;
const project = { testEnvironment, extensionsToTreatAsEsm, transform };

export default {
  ...run,
  // Servers and whole clusters are started in them, also on a machine that is several times slower.
  testTimeout: 300_000,
  projects: [
    { ...project, displayName: "cluster", testMatch: ["<rootDir>/test/cluster/**/*.test.ts"] },
    { ...project, displayName: "edge", testMatch: ["<rootDir>/test/edge/**/*.test.ts"] },
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
