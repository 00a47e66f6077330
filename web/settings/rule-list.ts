// Rules, one a row, each of which can be removed.
import { html } from "htm/preact";
import { openDialog } from "../shell/dialog.ts";
import { moment } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { saidByServer } from "../store/server-words.ts";
import { RULES, SETTINGS } from "../texts/settings.ts";
import { conditionsOf, keyOf, type Rule, removeRule } from "./rules.ts";

type Props = { rules: Rule[]; none: string; isRemembered?: boolean; onChange: (rules: Rule[]) => void };

export function RuleList({ rules, none, isRemembered = false, onChange }: Props) {
  if (rules.length === 0) return html`<p>${none}</p>`;
  return html`<ul class="rows">
    ${rules.map((rule) => html`<${Row} key=${keyOf(rule)} rule=${rule} isRemembered=${isRemembered} onChange=${onChange} />`)}
  </ul>`;
}

type RowProps = { rule: Rule; isRemembered: boolean; onChange: Props["onChange"] };

function Row({ rule, isRemembered, onChange }: RowProps) {
  const { decision, session_id, says, remembered_at } = rule;
  const conditions = conditionsOf(rule);
  return html`<li class="row">
    <div class="row-main">
      <p class="rule">
        <strong class="decision ${decision}">${RULES[decision]()}</strong>
        ${conditions.length === 0 && html`<span class="chip">${RULES.everything()}</span>`}
        ${conditions.map(({ name, value }) => html`<span class="chip">${name && html`<span class="hint">${name}</span> `}${value}</span>`)}
      </p>
      ${isRemembered && html`<p class="hint">${saidByServer(says)}</p>`}
      ${remembered_at && html`<p class="hint">${RULES.rememberedAt({ when: moment(remembered_at) })}</p>`}
      ${session_id && html`<p><a class="small-link" href=${linkTo(`/sessions/${session_id}`)}>${RULES.openSession()}</a></p>`}
    </div>
    <button
      type="button"
      class="button small"
      aria-label=${RULES.removeNamed({ words: inWords(rule) })}
      onClick=${() => remove(rule, isRemembered, onChange)}
    >${SETTINGS.remove()}</button>
  </li>`;
}

function inWords(rule: Rule): string {
  const conditions = conditionsOf(rule).map(({ name, value }) => `${name} ${value}`.trim());
  return `${RULES[rule.decision]()}: ${conditions.join(", ") || RULES.everything()}`;
}

function remove(rule: Rule, isRemembered: boolean, onChange: Props["onChange"]): void {
  openDialog({
    title: isRemembered ? RULES.removeAnswer() : RULES.removeTitle(),
    body: html`<p>${isRemembered ? saidByServer(rule.says) : inWords(rule)}</p>`,
    confirm: SETTINGS.remove(),
    isDangerous: true,
    onConfirm: async () => onChange(await removeRule(rule)),
  });
}
