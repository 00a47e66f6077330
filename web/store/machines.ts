// The machines that may be chosen, by their ids.
import { computed, signal } from "@preact/signals";
import type { Answered } from "../../lib/client/paths.ts";
import { call, onLeave } from "./account.ts";
import { onNews } from "./news.ts";

export type Machine = Answered<"GET /nodes">["nodes"][number];

export const machines = signal<Machine[]>([]);
const byId = computed(() => new Map(machines.value.map((machine) => [machine.id as string, machine])));

/** Its name, or its id where it is not known. */
export const machineName = (id: string | null): string =>
  id === null ? "" : (byId.value.get(id)?.name ?? id);

export async function loadMachines(): Promise<void> {
  // Names are a comfort: without them ids are shown.
  await call("GET /nodes", {})
    .then(({ nodes }) => {
      machines.value = nodes;
    })
    .catch(() => undefined);
}

/** Called once. */
export function followMachines(): void {
  onLeave(() => {
    machines.value = [];
  });
  onNews((news) => {
    if (news.event === "ready" || news.event === "node") void loadMachines();
  });
}
