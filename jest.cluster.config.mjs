// What is tested against real servers, each started by the test itself (npm run test:cluster; .ci/install-servers brings them).
import quick from "./jest.config.mjs";

export default {
  ...quick,
  testMatch: ["<rootDir>/test/cluster/**/*.test.ts"],
  // Servers and whole clusters are started in them, also on a machine that is several times slower.
  testTimeout: 300_000,
};
