// What is tested is what runs: Node's own type stripping, native ESM, no compiler.
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/support/strip-types.mjs" },
  testMatch: ["<rootDir>/test/{unit,flow}/**/*.test.ts"],
  testTimeout: 60_000,
  maxWorkers: 2,
};
