import { beforeEach, describe, expect, test } from "@jest/globals";
import type { NodeId } from "../../../../../contracts/ids.ts";
import type { ChainPart, KeptHead, NodeHead } from "../../../../../contracts/node-chain.ts";
import type { CallOutcome } from "../../../../../contracts/tools.ts";
import { Heads } from "../../../../../services/tools/hub/heads.ts";

const MAC = "nod_1" as NodeId;
let odd: string[];
let distrusted: string[];
let kept: NodeHead[];
let record: Map<number, string>;
let heads: Heads;

beforeEach(() => {
  [odd, distrusted, kept, record] = [[], [], [], new Map()];
  heads = new Heads({
    async keep(_id, head): Promise<KeptHead> {
      const last = kept.toSorted((a, b) => b.seq - a.seq)[0];
      if (last && last.seq > head.seq) return { state: "behind", last };
      if (last?.seq === head.seq && last.hash !== head.hash) return { state: "refused", why: "another" };
      kept.push(head);
      return { state: "kept" };
    },
    distrust: async (_id, why) => void distrusted.push(why),
    entry: async (_id, seq) => part(seq),
    odd: (_id, what) => void odd.push(what),
    log: { warn: () => undefined } as never,
  });
});

function part(seq: number): ChainPart {
  const hash = record.get(seq);
  return { first: 1, last: seq, entries: hash ? [{ seq, hash } as ChainPart["entries"][number]] : [] };
}
function outcome(seq?: number, hash = `h${seq}`): CallOutcome {
  const node_head = seq === undefined ? {} : { node_head: { seq, hash, signature: "" } };
  return { status: "done", result: { ok: true }, duration_ms: 1, ...node_head };
}

describe("heads that come with outcomes", () => {
  test("calls that ran at once may be told of in another order", async () => {
    expect(await heads.check(MAC, outcome(6), 0)).toHaveProperty("node_head");
    expect(await heads.check(MAC, outcome(4), 0)).toHaveProperty("node_head");
    expect([odd, distrusted]).toEqual([[], []]);
  });

  test("an answer that was known before is believed while the Mac has the newest entry still", async () => {
    await heads.check(MAC, outcome(6), 0);
    record.set(6, "h6");
    expect(await heads.check(MAC, outcome(4), heads.last(MAC))).toHaveProperty("node_head");
    expect(odd).toEqual([]);
  });

  test("a record that has gone back is told, and its head is not kept with the outcome", async () => {
    await heads.check(MAC, outcome(6), 0);
    expect(await heads.check(MAC, outcome(4), heads.last(MAC))).not.toHaveProperty("node_head");
    record.set(6, "another");
    await heads.check(MAC, outcome(5), heads.last(MAC));
    expect([odd.length, distrusted.length]).toEqual([2, 2]);
  });

  test("a second history at the same place is told", async () => {
    await heads.check(MAC, outcome(6), 0);
    expect(await heads.check(MAC, outcome(6, "fork"), 0)).not.toHaveProperty("node_head");
    expect(odd).toEqual(["another"]);
  });

  test("what was done and stands in no record is told; a refusal needs none", async () => {
    await heads.check(MAC, outcome(), 0);
    await heads.check(MAC, { ...outcome(), status: "denied" }, 0);
    expect(odd).toHaveLength(1);
  });
});
