import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { Identity } from "../../../../lib/broker/authorization.ts";
import { openEmbeddedPorts } from "../../../../lib/embedded/open-embedded-ports.ts";
import { createBroker } from "../../../../moleculer.config.ts";

test("a service that is still starting when another one fails is stopped only when its start is over", async () => {
  const home = mkdtempSync(join(tmpdir(), "macjarvis-starts-"));
  const ports = openEmbeddedPorts({ home });
  const broker = createBroker({
    ports,
    identity: new Identity(Buffer.alloc(32)),
    log: pino({ level: "silent" }),
  });
  const seen: string[] = [];
  const { promise: mayOpen, resolve: letOpen } = Promise.withResolvers<void>();
  broker.createService({
    name: "slow",
    async started() {
      await mayOpen;
      seen.push("opened");
    },
    stopped() {
      seen.push("closed");
    },
  });
  broker.createService({
    name: "fails",
    async started() {
      throw new Error("no port for me");
    },
    // All services are being stopped now.
    stopped() {
      setImmediate(letOpen);
    },
  });
  await expect(broker.start()).rejects.toThrow("no port for me");
  await broker.stop();
  expect(seen).toEqual(["opened", "closed"]);
  await ports.close();
  rmSync(home, { recursive: true });
});
