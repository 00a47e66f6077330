// With whom a Mac is shared, and what of it.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { Share } from "../../contracts/shares.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { NODES } from "../texts/nodes.ts";

const RISKS = ["read", "write", "execute"] as const;

export function Sharing({ id }: { id: string }) {
  const loaded = useLoaded(() => readShares(id), [id]);
  const shares = loaded.value ?? [];
  return html`<section class="panel" aria-labelledby="sharing-title">
    <h2 id="sharing-title">${NODES.sharing()}</h2>
    <p class="hint">${NODES.sharingHint()}</p>
    <${LoadState} of=${loaded}>
      ${
        shares.length === 0
          ? html`<p>${NODES.noGrants()}</p>`
          : html`<ul class="rows">${shares.map(
              (share) => html`<li class="row" key=${JSON.stringify(share)}>
                <p class="row-main">${inWords(share)}</p>
                <button
                  type="button"
                  class="button small"
                  aria-label=${NODES.unshareWith({ words: inWords(share) })}
                  onClick=${() => remove(id, share, loaded.set)}
                >${NODES.unshare()}</button>
              </li>`,
            )}</ul>`
      }
      <p><button type="button" class="button small" onClick=${() => add(id, loaded.set)}>${NODES.share()}</button></p>
    <//>
  </section>`;
}

const readShares = async (id: string): Promise<Share[]> =>
  (await call("GET /nodes/{id}/grants", { id } as never)).grants;

function inWords({ email, user_id, decision, risks, tools, categories }: Share): string {
  const what = [...(risks?.map((risk) => NODES[risk]()) ?? []), ...(categories ?? []), ...(tools ?? [])].join(
    NODES.comma(),
  );
  const may = decision === "allow" ? NODES.may() : NODES.mayNot();
  return `${email ?? user_id} · ${may} · ${what || NODES.everyTool()}`;
}

/** The list is replaced as a whole: it is read just before, so that what another page has added stays. */
async function change(id: string, next: (now: Share[]) => Share[]): Promise<Share[]> {
  const grants = next(await readShares(id));
  return (await call("PUT /nodes/{id}/grants", { id, grants } as never)).grants;
}

function remove(id: string, share: Share, set: (shares: Share[]) => void): void {
  const same = JSON.stringify(share);
  openDialog({
    title: NODES.unshare(),
    body: html`<p>${inWords(share)}</p>`,
    confirm: NODES.unshare(),
    isDangerous: true,
    onConfirm: async () => set(await change(id, (now) => now.filter((one) => JSON.stringify(one) !== same))),
  });
}

function add(id: string, set: (shares: Share[]) => void): void {
  openDialog({
    title: NODES.share(),
    body: html`<${Fields} />`,
    confirm: NODES.share(),
    onConfirm: async (form) => {
      const share = shareOf(form);
      set(await change(id, (now) => [...now, share]));
    },
  });
}

function shareOf(form: FormData): Share {
  const risks = RISKS.filter((risk) => form.getAll("risks").includes(risk));
  const tools = String(form.get("tools"))
    .split(/[\s,，、]+/)
    .filter((name) => name !== "");
  return {
    email: String(form.get("email")).trim(),
    decision: form.get("decision") === "deny" ? "deny" : "allow",
    ...(risks.length === RISKS.length ? {} : { risks }),
    ...(tools.length === 0 ? {} : { tools }),
  };
}

function Fields() {
  const chosen = useSignal<readonly string[]>(["read"]);
  const toggle = (risk: string) => {
    chosen.value = chosen.value.includes(risk)
      ? chosen.value.filter((one) => one !== risk)
      : [...chosen.value, risk];
  };
  // The browser's own check of the first box says that one is needed.
  const check = (box: HTMLInputElement | null) =>
    box?.setCustomValidity(chosen.value.length === 0 ? NODES.noRisk() : "");
  return html`
    <label class="field"><span>${NODES.whom()}</span><input name="email" type="email" maxlength="320" required autofocus autocomplete="off" /></label>
    <label class="field"><span>${NODES.mayOrNot()}</span>
      <select name="decision"><option value="allow">${NODES.may()}</option><option value="deny">${NODES.mayNot()}</option></select>
    </label>
    <fieldset class="checks">
      <legend>${NODES.risks()}</legend>
      ${RISKS.map(
        (risk, index) => html`<label class="check"
          ><input
            type="checkbox"
            name="risks"
            value=${risk}
            ref=${index === 0 ? check : undefined}
            checked=${chosen.value.includes(risk)}
            onChange=${() => toggle(risk)}
          /><span>${NODES[risk]()}</span></label
        >`,
      )}
    </fieldset>
    <label class="field"><span>${NODES.onlyTools()}</span><input name="tools" autocomplete="off" spellcheck=${false} /></label>
  `;
}
