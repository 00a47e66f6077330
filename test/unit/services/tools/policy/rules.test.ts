import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { CallId, SessionId, UserId } from "../../../../../contracts/ids.ts";
import { openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import { Rules } from "../../../../../services/tools/policy/rules.ts";
import { MIGRATIONS, type ToolsTables } from "../../../../../services/tools/tables.ts";

const user = "usr_1" as UserId;
const call_id = "call_1" as CallId;

test("rules that were read before a change, and came after it, do not stay", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-rules-"));
  const ports = openEmbeddedPorts({ home });
  await ports.migrate("tools", MIGRATIONS);
  const db = ports.sql<ToolsTables>();
  await new Rules(db).replace(user, [{ decision: "allow" }]);
  let release = () => {};
  let gate: Promise<void> | undefined = new Promise((resolve) => {
    release = resolve;
  });
  const slow = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const wait = gate;
      gate = undefined;
      await wait;
      return result;
    },
  });
  const rules = new Rules(slow);
  const reading = rules.of(user);
  while (gate) await new Promise((resolve) => setImmediate(resolve));
  await rules.replace(user, [{ decision: "deny" }]);
  release();
  expect(await reading).toEqual([{ decision: "allow" }]);
  expect(await rules.of(user)).toEqual([{ decision: "deny" }]);
  await ports.close();
  await rm(home, { recursive: true, force: true });
});

test("what was remembered for a session goes without what was added meanwhile", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-rules-"));
  const ports = openEmbeddedPorts({ home });
  await ports.migrate("tools", MIGRATIONS);
  const rules = new Rules(ports.sql<ToolsTables>());
  const session_id = "ses_1" as SessionId;
  await rules.add(user, { decision: "allow", session_id }, call_id);
  await Promise.all([rules.forgetSession(user, session_id), rules.add(user, { decision: "deny" }, call_id)]);
  expect(await rules.of(user)).toEqual([{ decision: "deny" }]);
  await ports.close();
  await rm(home, { recursive: true, force: true });
});

test("what one process changes another one forgets when it hears of it, and without that within five seconds", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-rules-"));
  const ports = openEmbeddedPorts({ home });
  await ports.migrate("tools", MIGRATIONS);
  const db = ports.sql<ToolsTables>();
  let now = 1_000;
  const there = new Rules(db, undefined, () => now);
  let isHeard = true;
  const here = new Rules(db, (changed) => (isHeard ? there.forget(changed) : undefined));
  const session_id = "ses_1" as SessionId;
  expect(await there.of(user)).toEqual([]);
  await here.add(user, { decision: "allow", session_id }, call_id);
  expect(await there.of(user)).toEqual([{ decision: "allow", session_id }]);
  await here.forgetSession(user, session_id);
  expect(await there.of(user)).toEqual([]);
  isHeard = false;
  await here.replace(user, [{ decision: "deny" }]);
  now += 4_999;
  expect(await there.of(user)).toEqual([]);
  now += 2;
  expect(await there.of(user)).toEqual([{ decision: "deny" }]);
  await ports.close();
  await rm(home, { recursive: true, force: true });
});
