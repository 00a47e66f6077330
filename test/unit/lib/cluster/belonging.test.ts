import { describe, expect, test } from "@jest/globals";
import { Belonging, type MetadataOfBus } from "../../../../lib/cluster/bus/belonging.ts";
import { fingerprintOf } from "../../../../lib/signing-secrets.ts";

const about = (secrets: string[], cluster?: string): MetadataOfBus => ({
  ...{ protocol: 1, version: "1.0.0", returns: 0, secrets },
  ...(cluster ? { cluster } : {}),
});

/** A process and what it said. */
function met(own: MetadataOfBus) {
  const said: string[] = [];
  const belonging = new Belonging(own, (words) => said.push(words));
  const hear = (cmd: string, sender: string, bus?: MetadataOfBus) =>
    belonging.admits(cmd, { payload: { sender, metadata: { bus } } } as never);
  return { own, said, hear };
}

describe("a process on the bus", () => {
  test("hears those of its cluster, and others that are none of ours", () => {
    const { said, hear } = met(about(["a"], "one"));
    expect(hear("INFO", "peer", about(["a"], "one"))).toBe(true);
    expect(hear("REQ", "peer")).toBe(true);
    expect(hear("INFO", "foreigner")).toBe(true);
    expect(said).toEqual([]);
  });

  test("hears nothing of another cluster's, says so once, and hears of a new one of that name after it has left", () => {
    const { said, hear } = met(about(["a"], "one"));
    expect(hear("INFO", "peer", about(["a"], "two"))).toBe(false);
    expect(hear("INFO", "peer", about(["a"], "two"))).toBe(false);
    expect(hear("REQ", "peer")).toBe(false);
    expect(hear("HEARTBEAT", "peer")).toBe(false);
    expect(said).toEqual([expect.stringMatching(/Two clusters are on one NATS.*\(peer\)/)]);
    expect(hear("DISCONNECT", "peer")).toBe(false);
    expect(hear("INFO", "peer", about(["a"], "one"))).toBe(true);
  });

  test("that has no PostgreSQL belongs to the first cluster that it meets", () => {
    const { own, said, hear } = met(about(["a"]));
    expect(hear("INFO", "gateway", about(["a"]))).toBe(true);
    expect(hear("INFO", "peer", about(["a"], "one"))).toBe(true);
    expect(own.cluster).toBe("one");
    expect(hear("INFO", "other", about(["a"], "two"))).toBe(false);
    expect(said).toHaveLength(1);
  });

  test("has a secret in common with the others: one is enough, while secrets are replaced", () => {
    const { said, hear } = met(about(["new", "old"]));
    expect(hear("INFO", "before", about(["old"]))).toBe(true);
    expect(hear("INFO", "after", about(["new"]))).toBe(true);
    expect(hear("INFO", "wrong", about(["z"]))).toBe(false);
    expect(said).toEqual([expect.stringMatching(/another JWT_SECRET.*\(wrong\)/)]);
  });

  test("tells of its secrets what does not tell them", () => {
    const secret = "s".repeat(32);
    expect(fingerprintOf(secret)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(secret)).toBe(fingerprintOf(secret));
    expect(fingerprintOf(`${secret}.`)).not.toBe(fingerprintOf(secret));
  });
});
