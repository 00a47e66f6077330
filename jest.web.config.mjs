// The console in a real browser, Debian's Chromium, against the really started server (npm run test:web).
import quick from "./jest.config.mjs";

export default { ...quick, testMatch: ["<rootDir>/test/web/**/*.test.ts"], maxWorkers: 2 };
