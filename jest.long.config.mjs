// What takes minutes: the process killed at each crash point, in other positions, and at random (npm run test:long).
import quick from "./jest.config.mjs";

export default { ...quick, testMatch: ["<rootDir>/test/chaos/**/*.test.ts"] };
