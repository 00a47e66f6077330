// The pairing that is under way: it goes on while its page is not looked at, and ends with the sign-in.
import { signal } from "@preact/signals";
import { ApiError } from "../../lib/client/api-error.ts";
import type { Answered } from "../../lib/client/paths.ts";
import { call, onLeave } from "../store/account.ts";
import { loadMachines } from "../store/machines.ts";

export type Opened = Answered<"POST /nodes/pairings">;
export type Pairing = Answered<"GET /nodes/pairings/{id}">;

export type Step =
  | { type: "none" }
  | { type: "waiting"; opened: Opened }
  | { type: "came"; opened: Opened; pairing: Pairing }
  | { type: "joined"; nodeId: string; name: string }
  | { type: "expired" }
  | { type: "refused" };

export const step = signal<Step>({ type: "none" });

onLeave(() => {
  step.value = { type: "none" };
});

/** @throws ApiError, `edge_off` where no Mac can join */
export async function openPairing(name: string): Promise<void> {
  const opened = await call("POST /nodes/pairings", (name ? { name } : {}) as never);
  step.value = { type: "waiting", opened };
}

/** How far it is now. @throws ApiError */
export async function followPairing(): Promise<void> {
  const now = step.peek();
  if (now.type !== "waiting" && now.type !== "came") return;
  const { opened } = now;
  const pairing = await readPairing(opened);
  // Meanwhile it may have been confirmed, refused, or begun anew.
  if (step.peek() !== now) return;
  if (pairing.status === "expired") step.value = { type: "expired" };
  else if (pairing.status === "redeemed" && now.type === "waiting")
    step.value = { type: "came", opened, pairing };
  else if (pairing.status === "confirmed")
    step.value = { type: "joined", nodeId: pairing.node_id ?? "", name: pairing.name ?? "" };
}

/** One that ended long ago, as of a computer that slept, is not there any more. */
async function readPairing({ id }: Opened): Promise<Pairing | { status: "expired" }> {
  try {
    return await call("GET /nodes/pairings/{id}", { id } as never);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === "pairing_not_found") return { status: "expired" };
    throw thrown;
  }
}

/** The fingerprint goes along, so that only the Mac that was compared comes in. @throws ApiError */
export async function confirmPairing({ opened, pairing }: Extract<Step, { type: "came" }>): Promise<void> {
  const { fingerprint } = pairing;
  const given = { id: opened.id, ...(fingerprint === null ? {} : { fingerprint }) };
  const { node } = await call("POST /nodes/pairings/{id}/confirm", given as never);
  step.value = { type: "joined", nodeId: node.id, name: node.name };
  void loadMachines();
}

/** The code is good for nobody any more, whoever has used it. @throws ApiError */
export async function refusePairing({ opened }: Extract<Step, { type: "came" }>): Promise<void> {
  await call("DELETE /nodes/pairings/{id}", { id: opened.id } as never);
  step.value = { type: "refused" };
}
