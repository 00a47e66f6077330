// The MCP servers of the server's machines: how they are, their tools, adding and removing one.
import { html } from "htm/preact";
import type { McpServer, McpServers } from "../../contracts/answers/mcp.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useEvery } from "../shell/use-now.ts";
import { call } from "../store/account.ts";
import { number } from "../store/format.ts";
import { machineName } from "../store/machines.ts";
import { MCP } from "../texts/mcp.ts";
import { McpTools } from "./mcp-tools.ts";
import { NewMcp } from "./new-mcp.ts";

/** Servers come and go without being told. */
const LOOK_MS = 10_000;

export function McpSection() {
  const loaded = useLoaded(() => call("GET /admin/mcp-servers", {}));
  useEvery(LOOK_MS, () => void loaded.reload());
  const { servers, problems } = loaded.value ?? { servers: [], problems: [] };
  const reload = () => loaded.reload();
  return html`
    <p class="hint">${MCP.lead()}</p>
    <${NewMcp} onAdded=${() => void reload()} />
    <${LoadState} of=${loaded}>
      <${Problems} of=${problems} />
      ${
        servers.length === 0
          ? html`<p class="empty">${MCP.none()}</p>`
          : html`<ul class="machines" aria-label=${MCP.list()}>
              ${servers.map((one) => html`<li key=${`${one.name} ${one.node_id}`}><${Server} of=${one} reload=${reload} /></li>`)}
            </ul>`
      }
    <//>
  `;
}

function Problems({ of }: { of: McpServers["problems"] }) {
  if (of.length === 0) return null;
  return html`<div class="error">
    <p>${MCP.problems()}</p>
    <ul class="faults">${of.map(({ node_id, problem }) => html`<li>${machineName(node_id)}: ${problem}</li>`)}</ul>
  </div>`;
}

const STATES = { ready: "good", starting: "quiet", failed: "bad", disabled: "quiet", away: "warn" };

function Server({ of, reload }: { of: McpServer; reload: () => Promise<void> }) {
  const { name, source, node_id, kind, target, state, problem, tools } = of;
  const machine = machineName(node_id);
  const withheld = tools.filter((tool) => tool.state !== "accepted").length;
  return html`<article class="panel machine">
    <div class="machine-head">
      <h2>${name}</h2>
      <span class="mark ${STATES[state]}">${MCP[state]()}</span>
    </div>
    <p class="hint pieces">
      <span>${MCP[kind]({ target })}</span>
      <span>${source === "file" ? MCP.ofFile({ machine }) : MCP.ofApi()}</span>
      ${source === "api" && node_id && html`<span>${MCP.onMachine({ machine })}</span>`}
      <span>${MCP.toolCount({ count: number(tools.length) })}</span>
      ${withheld > 0 && html`<span class="warn-text">${MCP.withheld({ count: number(withheld) })}</span>`}
    </p>
    ${problem && html`<p class="error">${problem}</p>`}
    <${McpTools} of=${of} onAccepted=${reload} />
    ${
      source === "api"
        ? html`<div class="buttons start">
            <button type="button" class="button small danger-text" aria-label=${MCP.removeNamed({ name })} onClick=${() => askRemoval(name, reload)}>${MCP.remove()}…</button>
          </div>`
        : html`<p class="hint">${MCP.inFile()}</p>`
    }
  </article>`;
}

function askRemoval(name: string, reload: () => Promise<void>): void {
  openDialog({
    title: MCP.removeAsk({ name }),
    body: html`<p>${MCP.removeWords()}</p>`,
    confirm: MCP.remove(),
    isDangerous: true,
    onConfirm: async () => {
      try {
        await call("DELETE /admin/mcp-servers/{name}", { name } as never);
      } finally {
        await reload();
      }
    },
  });
}
