// The calls that wait until a machine is there again.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import type { Answered } from "../../lib/client/paths.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useNow } from "../shell/use-now.ts";
import { call } from "../store/account.ts";
import { duration, moment } from "../store/format.ts";
import { onNews } from "../store/news.ts";
import { NODES } from "../texts/nodes.ts";
import { Arguments, summaryOf } from "../tools/arguments.ts";

type Waiting = Answered<"GET /nodes/{id}/queue">["calls"][number];

/** `length` and `status` say when it has to be read anew. */
export function WaitingCalls({ id, length, status }: { id: string; length: number; status: string }) {
  const loaded = useLoaded(
    async () => (await call("GET /nodes/{id}/queue", { id } as never)).calls,
    [id, length, status],
  );
  useEffect(() => onNews(({ event }) => void (event === "run" && loaded.reload())), [id]);
  const calls = loaded.value ?? [];
  return html`<section class="panel" aria-labelledby="queue-title">
    <h2 id="queue-title">${NODES.queue()}</h2>
    <${LoadState} of=${loaded}>
      ${
        calls.length === 0
          ? html`<p class="hint">${NODES.noQueue()}</p>`
          : html`<p class="hint">${NODES.queueHint()}</p>
              <ol class="rows">
                ${calls.map((one) => html`<${Row} key=${one.call_id} one=${one} onRemove=${() => remove(id, one, loaded.reload)} />`)}
              </ol>`
      }
    <//>
  </section>`;
}

function Row({ one, onRemove }: { one: Waiting; onRemove: () => void }) {
  const left = Date.parse(one.expires_at) - useNow(1_000);
  return html`<li class="row">
    <div class="row-main">
      <details>
        <summary><code>${one.name}</code> <span class="hint">${summaryOf(one.name, one.args)}</span></summary>
        <${Arguments} name=${one.name} args=${one.args ?? { sha256: one.args_sha256 }} />
      </details>
      <p class="hint">${NODES.queued({
        when: moment(one.queued_at),
        left: left > 0 ? duration(Math.max(1_000, left)) : NODES.over(),
        priority: one.priority,
      })}</p>
    </div>
    <button type="button" class="button small" aria-label=${NODES.unqueueCall({ name: one.name })} onClick=${onRemove}>${NODES.unqueue()}</button>
  </li>`;
}

function remove(id: string, { call_id, name }: Waiting, reload: () => Promise<void>): void {
  openDialog({
    title: NODES.unqueueTitle(),
    body: html`<p>${NODES.unqueueWords({ name })}</p>`,
    confirm: NODES.unqueue(),
    isDangerous: true,
    onConfirm: async () => {
      try {
        await call("DELETE /nodes/{id}/queue/{call_id}", { id, call_id } as never);
      } finally {
        // It may have gone meanwhile.
        await reload();
      }
    },
  });
}
