import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { FairShares } from "../../../../services/api/fair-shares.ts";

const settings = { each: 2, all: 3, waiting: 2, patienceMs: 60_000 };

/** As far as a share looks at it. */
class Answer extends EventEmitter {
  destroyed = false;

  leave(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

const answer = () => new Answer() as Answer & ServerResponse;

/** Takes, and tells how it stands now. */
function taking(shares: FairShares, owner: string, response = answer()) {
  const taken = { state: "waits", response, release: () => {} };
  const done = shares.take(owner, response).then(
    (release) => Object.assign(taken, { state: "has it", release }),
    (error: { type: string }) => Object.assign(taken, { state: error.type }),
  );
  return Object.assign(taken, { done });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the shares of large requests", () => {
  test("a client has its share, its next one waits, and another client does not wait for that", async () => {
    const shares = new FairShares(settings);
    const [first, second, third, other] = ["ada", "ada", "ada", "bob"].map((owner) => taking(shares, owner));
    await turn();
    expect([first, second, third, other].map((each) => each?.state)).toEqual([
      "has it",
      "has it",
      "waits",
      "has it",
    ]);
    first?.release();
    first?.release();
    await third?.done;
    expect(third?.state).toBe("has it");
  });

  test("a share ends with its response, and who leaves while it waits takes none", async () => {
    const shares = new FairShares({ ...settings, each: 1 });
    const [first, left, next] = ["ada", "ada", "ada"].map((owner) => taking(shares, owner));
    left?.response.leave();
    first?.response.leave();
    await Promise.all([left?.done, next?.done]);
    expect(next?.state).toBe("has it");
    next?.release();
    const again = taking(shares, "ada");
    await again.done;
    expect(again.state).toBe("has it");
  });

  test("who leaves in the moment in which its turn comes does not keep the share", async () => {
    const shares = new FairShares({ ...settings, each: 1 });
    const first = taking(shares, "ada");
    await first.done;
    const waiting = taking(shares, "ada");
    await turn();
    first.release();
    waiting.response.leave();
    await waiting.done;
    const next = taking(shares, "ada");
    await next.done;
    expect(next.state).toBe("has it");
  });

  test("too many that wait are refused with the time to come again, by whose fault it is", async () => {
    const shares = new FairShares(settings);
    const ada = Array.from({ length: 5 }, () => taking(shares, "ada"));
    const bob = Array.from({ length: 4 }, () => taking(shares, "bob"));
    await turn();
    expect(ada.map(({ state }) => state)).toEqual([
      "has it",
      "has it",
      "waits",
      "waits",
      "too_many_requests",
    ]);
    expect(bob.map(({ state }) => state)).toEqual(["has it", "waits", "waits", "busy"]);
  });

  test("who has waited too long is refused", async () => {
    const shares = new FairShares({ ...settings, each: 1, patienceMs: 1 });
    taking(shares, "ada");
    const late = taking(shares, "ada");
    await late.done;
    expect(late.state).toBe("too_many_requests");
  });

  test("clients that wait have their turns one after the other", async () => {
    const shares = new FairShares({ ...settings, each: 1, all: 1 });
    const first = taking(shares, "ada");
    const order: string[] = [];
    const waiting = ["bob", "bob", "cy"].map((owner) => {
      const taken = taking(shares, owner);
      void taken.done.then(() => order.push(owner)).then(() => taken.release());
      return taken.done;
    });
    await first.done;
    first.release();
    await Promise.all(waiting);
    expect(order).toEqual(["bob", "cy", "bob"]);
  });
});
