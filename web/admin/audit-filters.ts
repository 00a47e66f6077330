// By what the audit trail is narrowed down, and the form for it.
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useRef } from "preact/hooks";
import { useWork, WorkState } from "../settings/use-form.ts";
import { call, onLeave } from "../store/account.ts";
import { machines } from "../store/machines.ts";
import { go } from "../store/place.ts";
import { Said } from "../store/say-error.ts";
import { AUDIT } from "../texts/admin.ts";
import { emailOf, keepEmail } from "./user-names.ts";

export type Filters = {
  user?: string;
  kind?: string;
  node?: string;
  subject?: string;
  q?: string;
  /** ISO 8601. */
  since?: string;
  until?: string;
};

/** Those that hold: they stay while one looks elsewhere. `user` is an id. */
export const filters = signal<Filters>({});
onLeave(() => {
  filters.value = {};
});

/** As the API takes them. */
export const queryOf = ({ since, until, ...rest }: Filters) => ({ ...rest, from: since, to: until });

/** Goes to what the trail says of an account. */
export function showAudit({ id, email }: { id: string; email: string }): void {
  keepEmail(id, email);
  filters.value = { user: id };
  go("/admin/audit");
}

/** What entries are called, or begin with (docs/audit.md); others can be typed. */
const KINDS = [
  ...["account", "approval", "approval.answered", "audit.verified", "call", "call.sent", "call.ended"],
  ...["config.changed", "key", "login", "mcp", "memory.changed", "model.answered", "node", "node.frozen"],
  ...["node.refused", "pairing", "password.changed", "policy.changed", "run", "run.accepted", "run.ended"],
  "sign_in_code.created",
];

export function AuditFilters() {
  const work = useWork();
  const form = useRef<HTMLFormElement>(null);
  const now = filters.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    void work.run(async () => {
      const read = readForm(given);
      const user = read.user && (await idOf(read.user));
      filters.value = user ? { ...read, user } : read;
    });
  };
  const clear = () => {
    filters.value = {};
    form.current?.reset();
  };
  // Made anew where the filters come from elsewhere: a form keeps what was typed into it.
  return html`<form class="panel form" key=${JSON.stringify(now)} ref=${form} onSubmit=${submit} aria-label=${AUDIT.filters()}>
    <div class="grid">
      <${Text} name="user" label=${AUDIT.user()} value=${now.user && (emailOf(now.user) ?? now.user)} hint=${AUDIT.userHint()} />
      <${Text} name="kind" label=${AUDIT.kind()} value=${now.kind} hint="call.sent" list="audit-kinds" />
      <${Text} name="node" label=${AUDIT.node()} value=${now.node} hint="nod_…" list="audit-nodes" />
      <${Text} name="subject" label=${AUDIT.subject()} value=${now.subject} hint="run_…" />
      <${Text} name="q" label=${AUDIT.words()} value=${now.q} />
    </div>
    <div class="grid times">
      <${Time} name="since" label=${AUDIT.since()} value=${now.since} />
      <${Time} name="until" label=${AUDIT.until()} value=${now.until} />
    </div>
    <${WorkState} work=${work} />
    <div class="buttons start">
      <button type="submit" class="button primary small" disabled=${work.isBusy}>${AUDIT.show()}</button>
      ${Object.keys(now).length > 0 && html`<button type="button" class="button small" onClick=${clear}>${AUDIT.clear()}</button>`}
    </div>
    <datalist id="audit-kinds">${KINDS.map((kind) => html`<option key=${kind} value=${kind}></option>`)}</datalist>
    <datalist id="audit-nodes">
      ${machines.value.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
    </datalist>
  </form>`;
}

type FieldProps = { name: keyof Filters; label: string; value?: string; hint?: string; list?: string };

function Text({ name, label, value = "", hint = "", list }: FieldProps) {
  return html`<label class="field"><span>${label}</span>
    <input name=${name} maxlength="200" autocomplete="off" spellcheck=${false} list=${list} placeholder=${hint} defaultValue=${value} />
  </label>`;
}

function Time({ name, label, value }: FieldProps) {
  return html`<label class="field"><span>${label}</span>
    <input name=${name} type="datetime-local" step="1" defaultValue=${value ? local(value) : ""} />
  </label>`;
}

/** As the field has it: the time of this browser, without a zone. @param at ISO 8601 */
function local(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function readForm(given: FormData): Filters {
  const texts = [...given].map(([name, value]) => [name, String(value).trim()] as const);
  const isTime = (name: string) => name === "since" || name === "until";
  const filled = texts.filter(([, text]) => text !== "");
  return Object.fromEntries(
    filled.map(([name, text]) => [name, isTime(name) ? new Date(text).toISOString() : text]),
  );
}

/** @param user an address, or an id as it is. @throws Said where nobody has the address */
async function idOf(user: string): Promise<string> {
  if (!user.includes("@")) return user;
  const email = user.toLowerCase();
  const { users } = await call("GET /admin/users", { q: email, limit: 100 } as never);
  const found = users.find((one) => one.email === email);
  if (!found) throw new Said(AUDIT.nobody({ email }));
  keepEmail(found.id, email);
  return found.id;
}
