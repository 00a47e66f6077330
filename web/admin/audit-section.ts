// The audit trail: its entries, newest first, by what one looks for, and whether it is as it was written.

import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { AuditPage } from "../../contracts/answers/audit.ts";
import { LoadState } from "../shell/use-loaded.ts";
import { MoreButton, usePages } from "../shell/use-pages.ts";
import { call } from "../store/account.ts";
import { number } from "../store/format.ts";
import { locale } from "../store/settings.ts";
import { AUDIT } from "../texts/admin.ts";
import { AuditFilters, filters, queryOf } from "./audit-filters.ts";
import { UserName } from "./user-names.ts";
import { VerifyAudit } from "./verify-audit.ts";

const PAGE = 50;
type Entry = AuditPage["entries"][number];
type Page = { items: Entry[]; next: string | null; looked_at: number; looked_to: string | null };

export function AuditSection() {
  const wanted = filters.value;
  const list = usePages<Entry, Page>(
    async (cursor) => {
      const given = { ...queryOf(wanted), limit: PAGE, ...(cursor ? { cursor } : {}) };
      const { entries, next_cursor, ...looked } = await call("GET /admin/audit", given as never);
      return { items: entries, next: next_cursor, ...looked };
    },
    [wanted],
  );
  return html`
    <${VerifyAudit} />
    <${AuditFilters} />
    <${LoadState} of=${list}>
      ${
        list.items.length > 0 &&
        html`<ul class="rows panel" aria-label=${AUDIT.entries()}>
          ${list.items.map((one) => html`<${Row} key=${`${one.writer} ${one.seq}`} of=${one} />`)}
        </ul>`
      }
      <p class=${list.items.length > 0 ? "hint centre" : "empty"} role="status">${wordsFor(list.items.length, list.last)}</p>
      <${MoreButton} of=${list} />
    <//>
  `;
}

/** A page looks at so many rows, and may have found none in them. */
function wordsFor(found: number, last: Page | undefined): string {
  if (!last) return "";
  if (last.next === null) return found === 0 ? AUDIT.none() : AUDIT.end();
  return AUDIT.lookedTo({ when: last.looked_to === null ? "" : exact(last.looked_to) });
}

/** With seconds: entries are told apart by them. */
const exact = (at: string): string => {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "medium" }).format(date);
};

function Row({ of }: { of: Entry }) {
  const isOpen = useSignal(false);
  const { at, subject, entry, user_id } = of;
  const { by, words } = toldIn(of.details);
  const [kind = "", ...rest] = entry.split(" ");
  const toggle = (event: Event) => {
    isOpen.value = (event.currentTarget as HTMLDetailsElement).open;
  };
  return html`<li class="row">
    <div class="row-main">
      <p class="rule"><strong>${kind}</strong><time class="hint" datetime=${at}>${exact(at)}</time></p>
      <p class="pieces hint">
        ${user_id && html`<span>${AUDIT.about()} <${UserName} id=${user_id} /></span>`}
        ${by && by !== user_id && html`<span>${AUDIT.by()} <${UserName} id=${by} /></span>`}
        ${subject !== user_id && html`<span><code>${subject}</code></span>`}
      </p>
      ${words.length > 0 && html`<ul class="chips">${words.map((word) => html`<li key=${word} class="chip">${word}</li>`)}</ul>`}
      <details onToggle=${toggle}>
        <summary aria-label=${AUDIT.wholeOf({ kind, when: exact(at) })}>${AUDIT.whole()}</summary>
        ${isOpen.value && html`<${Whole} of=${of} rest=${rest.join(" ")} />`}
      </details>
    </div>
  </li>`;
}

/** What is read first in an entry, where it says so. */
const TOLD = ["tool", "decision", "status", "reason", "error"];

function toldIn(details: unknown): { by: string | undefined; words: string[] } {
  const said = (typeof details === "object" && details !== null ? details : {}) as Record<string, unknown>;
  const words = TOLD.map((name) => said[name]).filter((value) => typeof value === "string");
  return { by: typeof said.by === "string" ? said.by : undefined, words: [...new Set(words)] };
}

function Whole({ of, rest }: { of: Entry; rest: string }) {
  const { writer, seq, at, subject, user_id, details, hash } = of;
  const isBroken = typeof details === "string";
  const facts: [string, string][] = [
    [AUDIT.time(), at],
    [AUDIT.ofSubject(), subject],
    ...(rest ? ([[AUDIT.which(), rest]] as [string, string][]) : []),
    [AUDIT.userId(), user_id],
    [AUDIT.place(), AUDIT.placeOf({ writer, seq: number(seq) })],
    [AUDIT.hash(), hash],
  ];
  return html`<dl class="facts entry">
      ${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd><code>${value}</code></dd></div>`)}
    </dl>
    ${isBroken && html`<p class="error">${AUDIT.broken()}</p>`}
    <pre class="json-text" tabindex="0" role="region" aria-label=${AUDIT.details()}>${isBroken ? details : JSON.stringify(details, null, 2)}</pre>`;
}
