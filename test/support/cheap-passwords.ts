// Loaded before a test's server: a password's hash takes it a millisecond instead of a third of a second of computing. What servers
// use is tested in unit/services/users/passwords/hasher.test.ts, and that they use it in flow/first-chat.test.ts.
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const { HASHING } = await import("../../services/users/passwords/hasher.ts");
  HASHING.cost = 4;
}
