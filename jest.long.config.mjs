// What takes minutes: the process killed at each crash point, in other positions, and at random (npm run test:long).
import quick from "./jest.config.mjs";

// A test of it is as much as a whole file of the others.
export default { ...quick, testTimeout: 600_000, testMatch: ["<rootDir>/test/chaos/**/*.test.ts"] };
