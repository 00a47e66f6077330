// A Mac's program that is started again goes on with its journal, and so is asked at once what became of a call; one on a copy of its folder
// does not know that, and gets nothing that the other one may have run (G3, G22, G24).
import { randomUUID, type UUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { CallId, RunId, UserId } from "../../contracts/ids.ts";
import { claimJournal } from "../../lib/edge/journal-claim.ts";
import { makeKey, Signer } from "../../lib/edge/keys/signatures.ts";
import { newId } from "../../lib/ids.ts";
import type { NodesTables } from "../../services/nodes/tables.ts";
import type { NodeCall } from "../../services/tools/machines/machine.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { MacProcess } from "../support/edge/mac-process.ts";
import { Rogue } from "../support/edge/rogue.ts";
import { waitFor } from "../support/wait-for.ts";

let edge: EdgeStack;
let mac: PairedMac;
let program: MacProcess;
let made = 0;
const owner = newId<UserId>("user");

beforeAll(async () => {
  edge = await startEdgeStack();
});
beforeEach(async () => {
  mac = await edge.pair(owner, `mac-${made++}`);
  program = await mac.spawn();
  await edge.connected(mac);
});
afterAll(() => edge.stop());

const log = () => join(mac.root, "log");
/** Writes a line, and then goes on for as long as it may. */
function slowCall(): NodeCall {
  return {
    ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, approved: true, attempt: 1 },
    ...{ name: "execute_shell_command", args: { command: `echo ran >> ${log()}; sleep 200` } },
    deadline_at: Date.now() + 200_000,
  };
}
const begun = () => waitFor("it runs", () => text() !== "");
function text(): string {
  try {
    return readFileSync(log(), "utf8");
  } catch {
    return "";
  }
}
const execute = (call: NodeCall) => edge.machine(mac).execute(call, 200_000);
const instance = () => edge.hub().instanceOf(mac.id);
const registered = async () => {
  const nodes = edge.stack.broker.core.ports.sql<NodesTables>().selectFrom("nodes");
  return (await nodes.select("instance").where("id", "=", mac.id).executeTakeFirstOrThrow()).instance;
};
const another = (before: string | undefined) =>
  waitFor("another process is dealt with", () => instance() !== undefined && instance() !== before);

/** Another process on what the folder of the Mac was before. */
function onCopy(): () => MacProcess {
  const folder = join(mkdtempSync(join(mac.home, "copy-")), "node");
  cpSync(join(mac.home, "node"), folder, { recursive: true, preserveTimestamps: true });
  return () => new MacProcess(folder, mac.home);
}

describe("of a Mac whose process still speaks", () => {
  test("one that goes on with its journal is dealt with at once, and no other one", async () => {
    await program.stop();
    const rogue = await Rogue.connect(edge, mac);
    const [journal, another] = [new Signer(makeKey("user").seed), new Signer(makeKey("user").seed)];
    const [first, next] = [randomUUID(), randomUUID()];
    const say = (instance: UUID, start: number, signer = journal) =>
      rogue.info(instance, { journal: claimJournal(signer, mac.id, instance, start) });
    const says = (instance: UUID, start: number) =>
      waitFor("it is dealt with", () => {
        // As a broker does that nobody has asked yet.
        if (edge.hub().instanceOf(mac.id) !== instance) say(instance, start);
        // The one before is there all the time.
        rogue.heartbeat(first);
        return edge.hub().instanceOf(mac.id) === instance;
      });
    await says(first, 7);
    const strangers = [randomUUID(), randomUUID(), randomUUID()] as const;
    say(strangers[0], 8, another);
    say(strangers[1], 7);
    rogue.info(strangers[2], { journal: { key: journal.publicKey, start: 9, signature: "x" } });
    await says(next, 8);
    for (const one of [first, ...strangers]) rogue.heartbeat(one);
    say(first, 7);
    // What the hub answers next it has looked at behind all of these.
    await waitFor("they were refused", async () => (await registered()) === next);
    expect(instance()).toBe(next);
    await rogue.leave();
  });
});

describe("a Mac that was killed in a call", () => {
  test("says what its journal knows of it: that nobody can know", async () => {
    const call = slowCall();
    const sent = execute(call);
    await begun();
    const before = instance();
    await program.kill();
    program.restart();
    expect(await sent).toMatchObject({ status: "outcome_unknown" });
    expect(instance()).not.toBe(before);
    expect(await edge.machine(mac).fence(call.call_id, 2)).toEqual({ state: "unknown" });
    expect(text()).toBe("ran\n");
    await program.stop();
  });
});

describe("a process on a copy of the folder, from before the call", () => {
  test("gets no call that the other one may have run, when that one is gone", async () => {
    const start = onCopy();
    const sent = execute(slowCall());
    sent.catch(() => undefined);
    await begun();
    await program.kill();
    const copy = start();
    await expect(sent).rejects.toMatchObject({ type: "request_timeout" });
    expect(text()).toBe("ran\n");
    expect(await execute({ ...slowCall(), args: { command: "echo new" } })).toMatchObject({ status: "done" });
    await copy.stop();
  });

  test("is not believed that it has never seen such a call, by a hub that has not sent it", async () => {
    const start = onCopy();
    const call = slowCall();
    const before = instance();
    execute(call).catch(() => undefined);
    await begun();
    await program.kill();
    const copy = start();
    await another(before);
    await edge.restartCore();
    await edge.connected(mac);
    expect(await edge.machine(mac).fence(call.call_id, 2)).toEqual({ state: "unknown" });
    // What came later it must have seen.
    const { call_id } = slowCall();
    expect(await edge.machine(mac).fence(call_id, 2)).toEqual({ state: "never_seen" });
    await copy.stop();
  });
});
