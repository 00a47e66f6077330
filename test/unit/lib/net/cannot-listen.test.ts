import { expect, test } from "@jest/globals";
import { cannotListen } from "../../../../lib/net/cannot-listen.ts";

test.each([
  [
    "EADDRINUSE",
    "Port 4000 on 10.0.0.1 is in use. Stop what uses it, or choose another: METRICS_PORT=4001 npm start",
  ],
  ["EACCES", "Set METRICS_PORT to one above 1023"],
  ["EADDRNOTAVAIL", "HOST=10.0.0.1 is no address of this machine"],
  ["EAI_AGAIN", "HOST=10.0.0.1 is a name that no machine has"],
  ["EWHATEVER", "Nothing can listen on 10.0.0.1:4000. Set HOST and METRICS_PORT"],
])("%s is told in words with what to do, and the code stays with the cause", (code, words) => {
  const cause = Object.assign(new Error(`listen ${code}`), { code });
  const error = cannotListen("METRICS_PORT", { host: "10.0.0.1", port: 4_000 }, cause);
  expect(error.message).toContain(words);
  expect(error.message).not.toContain(code);
  expect(error.cause).toBe(cause);
});
