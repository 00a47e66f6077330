// A look at a model server from a process that stood still: what has arrived meanwhile is not taken for silence.
import { expect, test } from "@jest/globals";
import { lookAt } from "../../../../plugins/models/servers/look.ts";
import { openTransport } from "../../../../plugins/models/transport.ts";

test("a server that refuses connections refuses them, however late that is read", async () => {
  const at = { provider: "gone", baseUrl: "http://127.0.0.1:2/v1", headers: {}, hasKey: false, isOwn: true };
  const looking = lookAt(at, openTransport({}));
  // Longer than a look may take.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
  expect(await looking).toMatchObject({ state: "absent", code: "ECONNREFUSED" });
});
