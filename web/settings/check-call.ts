// What would become of a call that nobody makes.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { PolicyCheck, ToolInfo } from "../../contracts/answers/tools.ts";
import { Meaning } from "../approvals/approval-card.ts";
import { call } from "../store/account.ts";
import { machineName, machines } from "../store/machines.ts";
import { saidByServer } from "../store/server-words.ts";
import { RULES } from "../texts/settings.ts";
import { Pick } from "./new-rule.ts";
import { useWork, WorkState } from "./use-form.ts";

export function CheckCall({ tools }: { tools: ToolInfo[] }) {
  const work = useWork();
  const result = useSignal<PolicyCheck | undefined>(undefined);
  const args = useSignal("{}");
  const name = useSignal("");
  const chosen = tools.find((tool) => tool.name === name.value.trim());
  const check = (area: HTMLTextAreaElement | null) => area?.setCustomValidity(faultOf(args.value));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const node_id = String(new FormData(event.currentTarget as HTMLFormElement).get("node_id"));
    result.value = undefined;
    void work.run(async () => {
      result.value = await call("POST /users/me/policy/check", {
        ...{ name: name.value.trim(), args: JSON.parse(args.value) as Record<string, unknown> },
        ...(node_id ? { node_id } : {}),
      } as never);
    });
  };
  return html`<section class="panel" aria-labelledby="check-title">
    <h2 id="check-title">${RULES.check()}</h2>
    <p class="hint">${RULES.checkLead()}</p>
    <form class="form" onSubmit=${submit}>
      <div class="grid">
        <label class="field"><span>${RULES.tool()}</span>
          <input
            name="name"
            list="tool-names"
            maxlength="100"
            required
            autocomplete="off"
            spellcheck=${false}
            value=${name.value}
            onInput=${(event: Event) => (name.value = (event.currentTarget as HTMLInputElement).value)}
          />
        </label>
        <${Pick} name="node_id" label=${RULES.machine()} none=${RULES.anyMachine()} options=${machines.value.map((one) => [one.id, one.name])} />
      </div>
      ${chosen && html`<p class="hint">${chosen.description}</p>`}
      <label class="field"><span>${RULES.args()}</span>
        <textarea
          class="json"
          ref=${check}
          rows="4"
          spellcheck=${false}
          value=${args.value}
          placeholder=${chosen ? fieldsOf(chosen) : ""}
          onInput=${(event: Event) => (args.value = (event.currentTarget as HTMLTextAreaElement).value)}
        ></textarea>
      </label>
      ${chosen && html`<p class="hint">${fieldsOf(chosen)}</p>`}
      <${WorkState} work=${work} />
      <div class="buttons start"><button type="submit" class="button small" disabled=${work.isBusy}>${RULES.checkIt()}</button></div>
      <div role="status">${result.value && html`<${Outcome} result=${result.value} />`}</div>
    </form>
  </section>`;
}

/** "" for a JSON object. */
function faultOf(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? "" : RULES.notJson({ what: "{ … }" });
  } catch (thrown) {
    return RULES.notJson({ what: (thrown as Error).message });
  }
}

/** Which arguments a tool takes, those that it needs marked. A Mac says what its own tools take, so it may be anything. */
function fieldsOf({ parameters }: ToolInfo): string {
  const { properties, required } = parameters;
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return Object.keys(properties ?? {})
    .map((name) => (needed.includes(name) ? `${name}*` : name))
    .join(", ");
}

function Outcome({ result }: { result: PolicyCheck }) {
  const { decision, risk, node_id, because, bound, error } = result;
  return html`<div class="outcome ${decision}">
    <p class="rule">
      <strong class="decision ${decision}">${RULES[`would_${decision}`]()}</strong>
      ${decision !== "invalid" && html`<span class="risk ${risk}">${RULES[risk]()}</span>`}
      ${node_id && html`<span class="hint">${RULES.on({ machine: machineName(node_id) })}</span>`}
    </p>
    ${because && html`<p>${because}</p>`}
    ${error && html`<p>${saidByServer(error.message)}</p>`}
    <${Meaning} bound=${bound} />
  </div>`;
}
