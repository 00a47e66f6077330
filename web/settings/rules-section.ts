// The rules for tool calls, the answers that were remembered, and what would become of a call.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { onNews } from "../store/news.ts";
import { RULES } from "../texts/settings.ts";
import { CheckCall } from "./check-call.ts";
import { NewRule } from "./new-rule.ts";
import { RuleList } from "./rule-list.ts";
import { isRemembered, readRules } from "./rules.ts";

export function RulesSection() {
  const loaded = useLoaded(readRules);
  const known = useLoaded(async () => (await call("GET /tools", {})).tools);
  // An answer may have been remembered.
  useEffect(() => onNews(({ event }) => void (event === "approval" && loaded.reload())), []);
  const all = loaded.value ?? [];
  const remembered = all.filter(isRemembered);
  const written = all.filter((rule) => !isRemembered(rule));
  const tools = known.value ?? [];
  return html`
    <section class="panel" aria-labelledby="rules-title">
      <h2 id="rules-title">${RULES.list()}</h2>
      <p class="hint">${RULES.lead()}</p>
      <${LoadState} of=${loaded}>
        <${RuleList} rules=${written} none=${RULES.none()} onChange=${loaded.set} />
      <//>
      ${loaded.value && html`<${NewRule} tools=${tools} onChange=${loaded.set} />`}
    </section>
    ${
      loaded.value &&
      html`<section class="panel" aria-labelledby="remembered-title">
        <h2 id="remembered-title">${RULES.remembered()}</h2>
        <p class="hint">${RULES.rememberedLead()}</p>
        <${RuleList} rules=${remembered} none=${RULES.noRemembered()} isRemembered onChange=${loaded.set} />
      </section>`
    }
    <${CheckCall} tools=${tools} />
  `;
}
