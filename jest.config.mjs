// What is tested is what runs: Node's own type stripping, native ESM, no compiler.
import { availableParallelism } from "node:os";
import { join } from "node:path";

// What the processes compile that tests start: kept for those that follow them, as a data folder keeps it for the next start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/compiled");

export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/support/strip-types.mjs" },
  testMatch: ["<rootDir>/test/{unit,flow,doors}/**/*.test.ts"],
  testTimeout: 120_000,
  // One more than there are cores: tests wait for processes and for timers of the product.
  workerIdleMemoryLimit: "750MB",
  maxWorkers: Math.min(availableParallelism() + 1, 6),
  reporters: ["default", "<rootDir>/test/support/skipped-reporter.ts"],
};
