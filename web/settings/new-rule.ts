// Adding a rule: what it is about, and what becomes of such calls.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { ToolInfo } from "../../contracts/answers/tools.ts";
import type { Decision } from "../../contracts/policy.ts";
import { machines } from "../store/machines.ts";
import { RULES, SETTINGS } from "../texts/settings.ts";
import { addRule, type Rule } from "./rules.ts";
import { useWork, WorkState } from "./use-form.ts";

const DECISIONS = ["allow", "ask", "deny"] as const satisfies Decision[];
const RISKS = ["read", "write", "execute"] as const;

type Props = { tools: ToolInfo[]; onChange: (rules: Rule[]) => void };

export function NewRule({ tools, onChange }: Props) {
  const work = useWork();
  const tool = useSignal("");
  const isUnknown = tool.value.trim() !== "" && !tools.some(({ name }) => name === tool.value.trim());
  const categories = [...new Set(tools.map(({ category }) => category))].toSorted();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const rule = ruleOf(new FormData(form));
    const isDone = await work.run(async () => onChange(await addRule(rule)), SETTINGS.saved());
    if (!isDone) return;
    form.reset();
    tool.value = "";
  };
  return html`<details class="adder">
    <summary>${RULES.new()}</summary>
    <form class="form" onSubmit=${submit}>
      <p class="hint">${RULES.everyCall()}</p>
      <div class="grid">
        <label class="field"><span>${RULES.decision()}</span>
          <select name="decision">${DECISIONS.map((one) => html`<option value=${one} selected=${one === "ask"}>${RULES[one]()}</option>`)}</select>
        </label>
        <label class="field"><span>${RULES.tool()}</span>
          <input
            name="tool"
            list="tool-names"
            maxlength="100"
            autocomplete="off"
            spellcheck=${false}
            value=${tool.value}
            onInput=${(event: Event) => (tool.value = (event.currentTarget as HTMLInputElement).value)}
          />
        </label>
        <${Pick} name="category" label=${RULES.category()} options=${categories.map((one) => [one, one])} />
        <${Pick} name="risk" label=${RULES.risk()} options=${RISKS.map((one) => [one, RULES[one]()])} />
        <${Pick} name="node_id" label=${RULES.machine()} options=${machines.value.map(({ id, name }) => [id, name])} />
        <label class="field"><span>${RULES.host()}</span>
          <input name="host" maxlength="300" autocomplete="off" spellcheck=${false} placeholder=${RULES.hostHint()} />
        </label>
      </div>
      ${
        isUnknown &&
        html`<div class="notice">
          <p>${RULES.unknownTool()}</p>
          <label class="check"><input type="checkbox" name="pending" /><span>${RULES.keepForLater()}</span></label>
        </div>`
      }
      <${WorkState} work=${work} />
      <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${SETTINGS.add()}</button></div>
    </form>
    <${ToolNames} tools=${tools} />
  </details>`;
}

/** What the fields of tools offer; once on a page. */
function ToolNames({ tools }: { tools: ToolInfo[] }) {
  return html`<datalist id="tool-names">${tools.map(({ name }) => html`<option key=${name} value=${name}></option>`)}</datalist>`;
}

type PickProps = { name: string; label: string; options: [string, string][]; none?: string };

export function Pick({ name, label, options, none = SETTINGS.all() }: PickProps) {
  return html`<label class="field"><span>${label}</span>
    <select name=${name}>
      <option value="">${none}</option>
      ${options.map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}
    </select>
  </label>`;
}

/** What is empty is no condition. */
function ruleOf(form: FormData): Omit<Rule, "says"> {
  const conditions = ["tool", "category", "risk", "node_id", "host"]
    .map((name) => [name, String(form.get(name) ?? "").trim()])
    .filter(([, value]) => value !== "");
  return {
    ...Object.fromEntries(conditions),
    ...(form.has("pending") ? { pending: true } : {}),
    decision: String(form.get("decision")) as Decision,
  };
}
