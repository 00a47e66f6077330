// The tools of an MCP server: what is accepted, what is withheld, and accepting what one has looked at.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { McpServer } from "../../contracts/answers/mcp.ts";
import { useWork, WorkState } from "../settings/use-form.ts";
import { call } from "../store/account.ts";
import { moment } from "../store/format.ts";
import { MCP } from "../texts/mcp.ts";
import { Difference } from "../tools/difference.ts";
import { UserName } from "./user-names.ts";

type Tool = McpServer["tools"][number];
type Props = { of: McpServer; onAccepted: () => Promise<void> };

export function McpTools({ of, onAccepted }: Props) {
  const work = useWork();
  if (of.tools.length === 0) return null;
  // What waits for somebody stands first.
  const tools = of.tools.toSorted((a, b) => Number(a.state === "accepted") - Number(b.state === "accepted"));
  const accept = ({ name, sha256 }: Tool) =>
    void work.run(async () => {
      const node = of.node_id === null ? {} : { node_id: of.node_id };
      const given = { name: of.name, ...node, tools: [{ name, sha256 }] };
      try {
        await call("POST /admin/mcp-servers/{name}/accept", given as never);
      } finally {
        await onAccepted();
      }
    });
  return html`
    <${WorkState} work=${work} />
    <ul class="rows mcp-tools">
      ${tools.map(
        // Another definition is another row: nobody presses a button below what they have not seen.
        (tool) =>
          html`<${Row} key=${`${tool.name} ${tool.sha256}`} tool=${tool} isBusy=${work.isBusy} onAccept=${accept} />`,
      )}
    </ul>
  `;
}

const wordsOf = ({ state, tool }: Tool): string => {
  if (state !== "accepted") return state === "new" ? MCP.isNew() : MCP.isChanged();
  return tool === null ? MCP.notUsed() : MCP.isAccepted();
};

type RowProps = { tool: Tool; isBusy: boolean; onAccept: (tool: Tool) => void };

function Row({ tool, isBusy, onAccept }: RowProps) {
  const isOpen = useSignal(false);
  const { name, state } = tool;
  const toggle = (event: Event) => {
    isOpen.value = (event.currentTarget as HTMLDetailsElement).open;
  };
  return html`<li class="row">
    <details class="row-main" onToggle=${toggle}>
      <summary>
        <code>${seen(name)}</code>${" "}<span class="mark ${state === "accepted" ? "quiet" : "warn"}">${wordsOf(tool)}</span>
      </summary>
      ${isOpen.value && html`<div class="row-main"><${Look} tool=${tool} isBusy=${isBusy} onAccept=${onAccept} /></div>`}
    </details>
  </li>`;
}

function Look({ tool, isBusy, onAccept }: RowProps) {
  const { name, state, accepted } = tool;
  const text = textOf(tool.definition);
  return html`
    ${
      state === "changed" && accepted
        ? html`<p class="hint">${MCP.changes()}</p><${Difference} before=${textOf(accepted.definition)} after=${text} />`
        : html`<p class="hint">${MCP.asNow()}</p><pre class="json-text" tabindex="0" role="region" aria-label=${MCP.lookNamed({ tool: seen(name) })}>${text}</pre>`
    }
    ${HIDDEN.test(whole(tool.definition)) && html`<p class="notice">${MCP.hidden()}</p>`}
    ${
      accepted &&
      html`<p class="hint">
        ${accepted.accepted_by ? MCP.pinnedBy({ when: moment(accepted.accepted_at) }) : MCP.pinned({ when: moment(accepted.accepted_at) })}${" "}
        ${accepted.accepted_by && html`<${UserName} id=${accepted.accepted_by} />`}
      </p>`
    }
    ${
      state !== "accepted" &&
      html`<div class="buttons start">
        <button type="button" class="button primary small" aria-label=${MCP.acceptNamed({ tool: seen(name) })} disabled=${isBusy} onClick=${() => onAccept(tool)}>${MCP.accept()}</button>
      </div>`
    }
  `;
}

/** Whoever writes a definition may hide words in it that a model reads and a person does not see. */
const HIDDEN = /[\p{Cf}\p{Co}\p{Cn}]|[^\P{Cc}\n\t]/u;
const ALL_HIDDEN = new RegExp(HIDDEN, "gu");
const seen = (text: string): string =>
  text.replace(ALL_HIDDEN, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
const whole = ({ name, description, input_schema }: Tool["definition"]): string =>
  [name, description, JSON.stringify(input_schema, null, 2)].filter((part) => part !== "").join("\n\n");
const textOf = (definition: Tool["definition"]): string => seen(whole(definition));
