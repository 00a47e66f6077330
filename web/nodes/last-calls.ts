// What a machine ran last, by the record that it keeps itself.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import type { ChainEntry } from "../../contracts/node-chain.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { duration, moment } from "../store/format.ts";
import { onNews } from "../store/news.ts";
import { NODES } from "../texts/nodes.ts";

const SHOWN = 20;

type Ran = {
  callId: string;
  tool: string;
  at: number;
  status: string | undefined;
  tookMs: number | undefined;
};

async function readLast(id: string): Promise<Ran[]> {
  const part = (from: number, limit: number) => call("GET /nodes/{id}/chain", { id, from, limit } as never);
  const { first, last } = await part(1, 1);
  if (last === 0) return [];
  // Each has a beginning and an end.
  const { entries } = await part(Math.max(1, first, last - 2 * SHOWN + 1), 2 * SHOWN);
  return ranOf(entries).slice(0, SHOWN);
}

/** The newest first. */
function ranOf(entries: ChainEntry[]): Ran[] {
  const ends = new Map(entries.flatMap((entry) => (entry.kind === "ended" ? [[entry.call_id, entry]] : [])));
  return entries
    .flatMap((entry) => {
      if (entry.kind !== "begun") return [];
      const end = ends.get(entry.call_id);
      return [
        {
          ...{ callId: entry.call_id, tool: entry.tool, at: entry.at, status: end?.status },
          tookMs: end && end.at - entry.at,
        },
      ];
    })
    .toReversed();
}

export function LastCalls({ id, isThere }: { id: string; isThere: boolean }) {
  return html`<section class="panel" aria-labelledby="calls-title">
    <h2 id="calls-title">${NODES.calls()}</h2>
    ${isThere ? html`<${Record} id=${id} />` : html`<p class="hint">${NODES.callsAway()}</p>`}
  </section>`;
}

/** As a Mac says how a call ended; what else it says is shown as it is. */
const ENDS = ["done", "failed", "denied", "cancelled", "outcome_unknown"] as const;

function endOf(status: string | undefined): { words: string; kind: string } {
  const known = ENDS.find((end) => end === status);
  if (known) return { words: NODES[known](), kind: known };
  return { words: status ?? NODES.running(), kind: "other" };
}

function Record({ id }: { id: string }) {
  const loaded = useLoaded(() => readLast(id), [id]);
  useEffect(() => onNews(({ event }) => void (event === "run" && loaded.reload())), [id]);
  const calls = loaded.value ?? [];
  return html`<${LoadState} of=${loaded}>
    ${
      calls.length === 0
        ? html`<p class="hint">${NODES.noCalls()}</p>`
        : html`<p class="hint">${NODES.callsHint()}</p>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="calls-title">
              <table class="table">
                <thead><tr><th>${NODES.callTool()}</th><th>${NODES.callEnd()}</th><th>${NODES.callWhen()}</th><th class="number">${NODES.callTook()}</th></tr></thead>
                <tbody>${calls.map(
                  ({ callId, tool, at, status, tookMs }) => html`<tr key=${callId}>
                    <td><code>${tool}</code></td>
                    <td class="end ${endOf(status).kind}">${endOf(status).words}</td>
                    <td>${moment(at)}</td>
                    <td class="number">${tookMs === undefined ? "" : duration(tookMs)}</td>
                  </tr>`,
                )}</tbody>
              </table>
            </div>`
    }
  <//>`;
}
