import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Caller } from "../../../../contracts/access.ts";
import type { Proven } from "../../../../contracts/users.ts";
import { Identity } from "../../../../lib/broker/authorization.ts";
import { openEmbeddedPorts } from "../../../../lib/embedded/open-embedded-ports.ts";
import { createBroker } from "../../../../moleculer.config.ts";
import { usersService } from "../../../../services/users.service.ts";
import { SECRET, servicesAround } from "./users-broker.ts";

test("G21 passwords, tokens, keys and signing secrets are in no log, error, registry or file of the data folder", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-canary-"));
  let seen = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      seen += String(chunk);
      done();
    },
  });
  const log = pino({ level: "trace" }, sink);
  const ports = openEmbeddedPorts({ home });
  const identity = new Identity(Buffer.alloc(32, 7));
  const broker = createBroker({ ports, identity, log });
  for (const schema of servicesAround(home)) broker.createService(schema);
  broker.createService(usersService({ secrets: [SECRET], registration: "open", hashing: { cost: 4 } }));
  await broker.start();
  const ask = async (name: string, params: object, caller?: Caller) => {
    const meta = { clientAddress: "192.0.2.1", ...(caller ? { identity: identity.sign(caller) } : {}) };
    try {
      return (await broker.call(name, params, { meta })) as Record<string, unknown>;
    } catch (error: unknown) {
      const { message, stack, data } = error as { message: string; stack: string; data: unknown };
      seen += JSON.stringify({ message, stack, data });
      return {};
    }
  };

  const email = "ada@example.com";
  const canaries = ["canary password one", "canary password two", "canary password wrong"];
  const [first = "", second = "", wrong = ""] = canaries;
  const pair = await ask("users.register", { email, password: first });
  const again = await ask("users.refresh", { refresh_token: pair.refresh_token });
  await ask("users.refresh", { refresh_token: pair.refresh_token });
  await ask("users.register", { email, password: first, extra: wrong });
  await ask("users.login", { email, password: wrong });
  const { caller } = (await ask("users.resolveToken", { token: again.access_token })) as Proven;
  const key = await ask("users.createKey", { name: "laptop" }, caller);
  await ask("users.resolveToken", { token: key.secret });
  await ask("users.resolveToken", { token: `${String(again.access_token)}x` });
  await ask("users.updateMe", { password: second, current_password: wrong }, caller);
  await ask("users.updateMe", { password: second, current_password: first }, caller);
  seen += JSON.stringify(broker.registry.getServiceList({ withActions: true, onlyLocal: true }));
  await broker.stop();
  await ports.close();
  for (const name of await readdir(home, { recursive: true }))
    seen += await readFile(join(home, name), "latin1").catch(() => "");
  await rm(home, { recursive: true });

  const secrets = [
    pair.access_token,
    pair.refresh_token,
    again.access_token,
    again.refresh_token,
    key.secret,
  ].map(String);
  for (const secret of [...canaries, ...secrets, SECRET]) {
    expect(secret.length).toBeGreaterThan(10);
    expect(seen.includes(secret)).toBe(false);
  }
});
