// Whether the audit trail is as it was written: it is read a part at a time, and what does not fit is named.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import type { AuditVerdict } from "../../contracts/answers/audit.ts";
import { CopyBox } from "../shell/copy-button.ts";
import { call } from "../store/account.ts";
import { number } from "../store/format.ts";
import { sayError } from "../store/say-error.ts";
import { AUDIT } from "../texts/admin.ts";
import { SHELL } from "../texts/shell.ts";

type Heads = AuditVerdict["heads"];
type Read = Pick<AuditVerdict, "rows" | "fault_count" | "faults" | "heads">;
type State =
  | { type: "none" }
  | { type: "reading" | "done" | "stopped"; read: Read; isHeld: boolean }
  | { type: "failed"; read: Read; isHeld: boolean; why: string };

const NOTHING: Read = { rows: 0, fault_count: 0, faults: [], heads: [] };

export function VerifyAudit() {
  const state = useSignal<State>({ type: "none" });
  const heads = useSignal("");
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    stop.current = new AbortController();
    void verify(headsIn(heads.value) ?? [], stop.current.signal, (next) => {
      state.value = next;
    });
  };
  const check = (area: HTMLTextAreaElement | null) =>
    area?.setCustomValidity(headsIn(heads.value) ? "" : AUDIT.noHeads());
  const isReading = state.value.type === "reading";
  return html`<section class="panel" aria-labelledby="verify-title">
    <h2 id="verify-title">${AUDIT.verifyTitle()}</h2>
    <p class="hint">${AUDIT.verifyLead()}</p>
    <form class="form" onSubmit=${submit}>
      <details>
        <summary>${AUDIT.withHeads()}</summary>
        <label class="field"><span>${AUDIT.heads()}</span>
          <textarea
            class="json"
            rows="3"
            ref=${check}
            spellcheck=${false}
            placeholder='[{"writer":"…","seq":12,"hash":"…"}]'
            value=${heads.value}
            onInput=${(event: Event) => (heads.value = (event.currentTarget as HTMLTextAreaElement).value)}
          ></textarea>
          <span class="hint">${AUDIT.headsWords()}</span>
        </label>
      </details>
      <div class="buttons start">
        <button type="submit" class="button small" disabled=${isReading}>${AUDIT.verify()}</button>
        ${isReading && html`<button type="button" class="button small" onClick=${() => stop.current.abort()}>${AUDIT.stop()}</button>`}
      </div>
    </form>
    <div role="status"><${Outcome} of=${state.value} /></div>
  </section>`;
}

async function verify(heads: Heads, signal: AbortSignal, say: (state: State) => void): Promise<void> {
  let read = NOTHING;
  const isHeld = heads.length > 0;
  try {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      say({ type: "reading", read, isHeld });
      const given = { heads, ...(cursor ? { cursor } : {}) };
      const part = await call("POST /admin/audit/verify", given as never, { signal });
      read = {
        rows: read.rows + part.rows,
        fault_count: read.fault_count + part.fault_count,
        faults: [...read.faults, ...part.faults],
        heads: [...read.heads, ...part.heads],
      };
      cursor = part.next_cursor;
    }
    say({ type: "done", read, isHeld });
  } catch (thrown) {
    if (signal.aborted) say({ type: "stopped", read, isHeld });
    else say({ type: "failed", read, isHeld, why: sayError(thrown) });
  }
}

function Outcome({ of }: { of: State }) {
  if (of.type === "none") return null;
  const { rows, fault_count, faults, heads } = of.read;
  const count = number(rows);
  const more = fault_count - faults.length;
  return html`
    ${of.type === "reading" && html`<p class="hint">${rows === 0 ? SHELL.loading() : AUDIT.reading({ count })}</p>`}
    ${of.type === "stopped" && html`<p class="notice">${AUDIT.stopped({ count })}</p>`}
    ${of.type === "failed" && html`<p class="error">${of.why} ${AUDIT.stopped({ count })}</p>`}
    ${of.type === "done" && fault_count === 0 && html`<p class="verdict good">${(of.isHeld ? AUDIT.wholeWithHeads : AUDIT.isWhole)({ count })}</p>`}
    ${
      fault_count > 0 &&
      html`<div class="error">
        <p><strong>${AUDIT.isBroken({ count: number(fault_count), rows: count })}</strong></p>
        <ul class="faults">${faults.map((fault) => html`<li>${fault}</li>`)}</ul>
        ${more > 0 && html`<p>${AUDIT.moreFaults({ count: number(more) })}</p>`}
      </div>`
    }
    ${of.type === "done" && html`<p class="hint">${AUDIT.keepHeads()}</p><${CopyBox} label=${AUDIT.heads()} text=${JSON.stringify(heads)} />`}
  `;
}

/** As `npm run audit -- head` prints them, or as they are shown here; none of nothing. Undefined where it is something else. */
function headsIn(text: string): Heads | undefined {
  if (text.trim() === "") return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every(isHead) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isHead(one: unknown): one is Heads[number] {
  const { writer, seq, hash } = (one ?? {}) as Record<string, unknown>;
  return typeof writer === "string" && Number.isInteger(seq) && typeof hash === "string";
}
