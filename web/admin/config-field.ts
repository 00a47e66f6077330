// The field that a setting is typed into.
import { html } from "htm/preact";
import { CONFIG } from "../texts/config.ts";
import { DECISIONS, kindOf, type Policy, RISKS } from "./config-values.ts";

type Props = { name: string; text: string; onType: (text: string) => void };
type Typed = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function ValueField({ name, text, onType }: Props) {
  const kind = kindOf(name);
  if (kind.type === "policy") return html`<${PolicyField} text=${text} onType=${onType} />`;
  const typed = (event: Event) => onType((event.currentTarget as Typed).value);
  if (kind.type === "choice")
    return html`<label class="field"><span>${CONFIG.newValue()}</span>
      <select value=${text} onChange=${typed}>
        ${kind.options.map((one) => html`<option key=${one} value=${one} selected=${one === text}>${CONFIG[one]()}</option>`)}
      </select>
    </label>`;
  if (kind.type === "lines" || kind.type === "json")
    return html`<label class="field"><span>${CONFIG.newValue()}</span>
      <textarea
        class="json"
        rows=${Math.min(12, Math.max(4, text.split("\n").length + 1))}
        spellcheck=${false}
        placeholder=${kind.type === "json" ? kind.example : "openai/gpt-4o-mini"}
        value=${text}
        onInput=${typed}
      ></textarea>
      <span class="hint">${kind.type === "json" ? kind.example : CONFIG.onePerLine()}</span>
    </label>`;
  return html`<label class="field"><span>${CONFIG.newValue()}</span>
    <input
      type=${kind.type === "number" ? "number" : "text"}
      step="any"
      required
      autocomplete="off"
      spellcheck=${false}
      value=${text}
      onInput=${typed}
    />
  </label>`;
}

/** A choice for each risk. @param text the policy as JSON */
function PolicyField({ text, onType }: Omit<Props, "name">) {
  const policy = JSON.parse(text) as Policy;
  const pick = (risk: (typeof RISKS)[number], decision: string) => {
    const { [risk]: _, ...rest } = policy;
    onType(JSON.stringify(decision === "" ? rest : { ...rest, [risk]: decision }));
  };
  return html`<div class="grid">
    ${RISKS.map(
      (risk) => html`<label key=${risk} class="field"><span>${CONFIG[risk]()}</span>
        <select value=${policy[risk] ?? ""} onChange=${(event: Event) => pick(risk, (event.currentTarget as HTMLSelectElement).value)}>
          <option value="" selected=${policy[risk] === undefined}>${CONFIG.asDefault()}</option>
          ${DECISIONS.map((one) => html`<option key=${one} value=${one} selected=${policy[risk] === one}>${CONFIG[one]()}</option>`)}
        </select>
      </label>`,
    )}
  </div>`;
}
