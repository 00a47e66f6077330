// What a process that leaves in order says of the requests it had been sent, and what those who sent them make of it.
import { describe, expect, test } from "@jest/globals";
import { OpenRequests, refuseUnbegun } from "../../../../lib/cluster/bus/open-requests.ts";
import { isType } from "../../../../lib/errors.ts";

const packet = (type: string, payload: object) => ({ type, payload }) as never;

/** What the transit of `near` waits for, and what became of it. */
function waiting(...requests: { id: string; nodeID: string }[]) {
  const refused: { id: string; error: unknown }[] = [];
  const pendingRequests = new Map(
    requests.map(({ id, nodeID }) => [
      id,
      { nodeID, reject: (error: unknown) => void refused.push({ id, error }) },
    ]),
  );
  const removePendingRequest = (id: string) => void pendingRequests.delete(id);
  return { transit: { pendingRequests, removePendingRequest } as never, pendingRequests, refused };
}

test("a process that leaves tells what it has begun and not answered", () => {
  const open = new OpenRequests();
  for (const id of ["a", "b"]) open.heard("REQ", packet("REQ", { id }));
  open.answered(packet("RES", { id: "a" }));
  const goodbye = { payload: {} } as { payload: { unanswered?: string[] } };
  open.leaves({ type: "DISCONNECT", ...goodbye } as never);
  expect(goodbye.payload.unanswered).toEqual(["b"]);
});

describe("whoever waits for it", () => {
  test("is told that what it never began was not done; what it began, and what others have, goes on waiting", () => {
    const near = waiting(
      { id: "a", nodeID: "far" },
      { id: "b", nodeID: "far" },
      { id: "c", nodeID: "other" },
    );
    refuseUnbegun(near.transit, packet("DISCONNECT", { sender: "far", unanswered: ["b"] }));
    expect(near.refused.map(({ id }) => id)).toEqual(["a"]);
    expect(isType(near.refused[0]?.error, "busy")).toBe(true);
    expect([...near.pendingRequests.keys()]).toEqual(["b", "c"]);
  });

  test("takes nothing from a goodbye that does not say", () => {
    const near = waiting({ id: "a", nodeID: "far" });
    refuseUnbegun(near.transit, packet("DISCONNECT", { sender: "far" }));
    expect(near.refused).toEqual([]);
  });
});
