// An embedded process has no bus: nothing listens or connects, and none of the cluster's code is loaded for it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { startTestBroker } from "../../../support/test-broker.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

test("its broker has no transporter", async () => {
  const { broker, stop } = await startTestBroker([]);
  expect(broker.transit).toBeUndefined();
  await stop();
});

test("its start loads nothing of lib/cluster/bus or of NATS", () => {
  const code = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import("./bin/start/start-server.ts");
    process.stdout.write(JSON.stringify(loaded));`;
  const loaded = JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: ROOT, encoding: "utf8" }),
  ) as string[];
  expect(loaded.some((url) => url.endsWith("/moleculer.config.ts"))).toBe(true);
  expect(
    loaded.filter((url) => /lib\/cluster\/(bus|nats)\/|node_modules\/(nats|@nats-io)\//.test(url)),
  ).toEqual([]);
});
