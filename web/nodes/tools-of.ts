// What a machine can do: its tools by category, each with its risk.
import { html } from "htm/preact";
import type { ToolInfo } from "../../contracts/answers/tools.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import type { Machine } from "../store/machines.ts";
import { NODES } from "../texts/nodes.ts";

export function ToolsOf({ machine }: { machine: Machine }) {
  const { id, tools: names } = machine;
  const loaded = useLoaded(
    async () =>
      (await call("GET /tools", { node_id: id } as never)).tools.filter(({ runs_on }) => runs_on === "node"),
    [id, names.length, machine.status],
  );
  const byCategory = Map.groupBy(loaded.value ?? [], ({ category }) => category);
  return html`<section class="panel" aria-labelledby="tools-title">
    <h2 id="tools-title">${NODES.tools()} <span class="hint">${loaded.value?.length ?? names.length}</span></h2>
    <${LoadState} of=${loaded}>
      ${byCategory.size === 0 && html`<p class="hint">${NODES.noTools()}</p>`}
      ${[...byCategory]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(
          ([category, tools]) => html`<details class="tool-group" key=${category}>
          <summary><span>${category}</span> <span class="hint">${tools.length}</span></summary>
          <ul class="rows">${tools.map((tool) => html`<${Row} key=${tool.name} tool=${tool} />`)}</ul>
        </details>`,
        )}
    <//>
  </section>`;
}

function Row({ tool }: { tool: ToolInfo }) {
  const { name, description, risk, egress } = tool;
  return html`<li class="row tool">
    <div class="row-main">
      <p class="pieces"><code>${name}</code> <span class="risk ${risk}">${NODES[risk]()}</span> ${egress && html`<span class="risk execute">${NODES.sends()}</span>`}</p>
      <p class="hint">${description}</p>
    </div>
  </li>`;
}
