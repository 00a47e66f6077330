// Pairing a Mac: a code and a command for it, then its fingerprint to compare, then it is in.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../../lib/client/api-error.ts";
import { CopyBox } from "../shell/copy-button.ts";
import { Icon } from "../shell/icon.ts";
import { useEvery, useNow } from "../shell/use-now.ts";
import { duration } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { sayError } from "../store/say-error.ts";
import { NODES, PAIRING } from "../texts/nodes.ts";
import { SHELL } from "../texts/shell.ts";
import { confirmPairing, followPairing, openPairing, refusePairing, type Step, step } from "./pairing.ts";
import { systemName } from "./presence.ts";

const LOOK_MS = 2_000;

export default function PairingPage() {
  const now = step.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const wasType = useRef(now.type);
  useEffect(() => {
    // Whoever cannot see the page is to hear that it goes on.
    if (wasType.current !== now.type) heading.current?.focus();
    wasType.current = now.type;
  }, [now.type]);
  const Shown = SHOWN[now.type];
  return html`
    <p><a class="back" href=${linkTo("/machines")}><${Icon} name="chevron" />${NODES.back()}</a></p>
    <${Shown} now=${now} heading=${heading} />
  `;
}

type Props<Type extends Step["type"]> = {
  now: Extract<Step, { type: Type }>;
  heading: { current: HTMLHeadingElement | null };
};

const SHOWN = {
  none: Begin,
  waiting: Waiting,
  came: Compare,
  joined: Joined,
  expired: ({ heading }: Props<"expired">) =>
    html`<${Ended} heading=${heading} title=${PAIRING.expired()} lead=${PAIRING.expiredLead()} />`,
  refused: ({ heading }: Props<"refused">) =>
    html`<${Ended} heading=${heading} title=${PAIRING.refused()} lead=${PAIRING.refusedLead()} />`,
};

function Begin({ heading }: Props<"none">) {
  return html`<section class="panel" aria-labelledby="pairing-title">
    <h2 id="pairing-title" tabindex="-1" ref=${heading}>${PAIRING.title()}</h2>
    <p>${PAIRING.lead()}</p>
    <ol class="steps"><li>${PAIRING.step1()}</li><li>${PAIRING.step2()}</li><li>${PAIRING.step3()}</li></ol>
    <${CodeForm} label=${PAIRING.begin()} />
  </section>`;
}

function CodeForm({ label }: { label: string }) {
  const isBusy = useSignal(false);
  const failure = useSignal<unknown>(undefined);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    isBusy.value = true;
    failure.value = undefined;
    try {
      await openPairing(String(form.get("name") ?? "").trim());
    } catch (thrown) {
      failure.value = thrown;
    }
    isBusy.value = false;
  };
  return html`<form class="form" onSubmit=${submit}>
    <label class="field"
      ><span>${PAIRING.name()}</span><input name="name" maxlength="100" autocomplete="off" aria-describedby="name-hint" />
      <span class="hint" id="name-hint">${PAIRING.nameHint()}</span></label
    >
    ${failure.value !== undefined && html`<${Failure} thrown=${failure.value} />`}
    <div class="buttons start"><button type="submit" class="button primary" disabled=${isBusy.value}>${label}</button></div>
  </form>`;
}

function Failure({ thrown }: { thrown: unknown }) {
  if (!(thrown instanceof ApiError) || thrown.code !== "edge_off")
    return html`<p class="error" role="alert">${sayError(thrown)}</p>`;
  return html`<div class="notice" role="alert">
    <p><strong>${PAIRING.edgeOff()}</strong></p>
    <p>${PAIRING.edgeOffLead()}</p>
    <${CopyBox} label=${PAIRING.command()} text="npm start -- --with-nats" />
  </div>`;
}

function useFollowed(): string {
  const failure = useSignal("");
  const look = () =>
    followPairing().then(
      () => {
        failure.value = "";
      },
      (thrown: unknown) => {
        failure.value = sayError(thrown);
      },
    );
  useEvery(LOOK_MS, () => void look());
  return failure.value;
}

function Waiting({ now, heading }: Props<"waiting">) {
  const { code, command, expires_at } = now.opened;
  const failure = useFollowed();
  return html`<section class="panel" aria-labelledby="pairing-title">
    <h2 id="pairing-title" tabindex="-1" ref=${heading}>${PAIRING.type()}</h2>
    <${CopyBox} label=${PAIRING.command()} text=${command} />
    <dl class="facts"><div><dt>${PAIRING.code()}</dt><dd><code class="pairing-code">${code}</code> <${Left} until=${expires_at} /></dd></div></dl>
    <p class="waiting-line" role="status"><span class="pulse" aria-hidden="true"></span>${PAIRING.waiting()}</p>
    ${failure && html`<p class="error" role="alert">${failure}</p>`}
    <div class="buttons start">
      <button type="button" class="button small" onClick=${() => (step.value = { type: "none" })}>${SHELL.cancel()}</button>
    </div>
  </section>`;
}

function Left({ until }: { until: string }) {
  const left = Date.parse(until) - useNow(1_000);
  return html`<span class="hint number">${PAIRING.left({ time: duration(Math.max(1_000, left)) })}</span>`;
}

function Compare({ now, heading }: Props<"came">) {
  const { name, platform, version, fingerprint, expires_at } = now.pairing;
  const isBusy = useSignal(false);
  const failure = useSignal("");
  const lost = useFollowed();
  const answer = async (give: typeof confirmPairing) => {
    isBusy.value = true;
    failure.value = "";
    await give(now).catch((thrown: unknown) => {
      failure.value = sayError(thrown);
    });
    isBusy.value = false;
  };
  return html`<section class="panel compare" aria-labelledby="pairing-title">
    <h2 id="pairing-title" tabindex="-1" ref=${heading}>${PAIRING.came()}</h2>
    <p>${PAIRING.compare()}</p>
    <p class="fingerprint" role="img" aria-label=${`${NODES.fingerprint()}: ${spelled(fingerprint ?? "")}`}>
      ${(fingerprint ?? "").split(" ").map((group) => html`<span>${group}</span>`)}
    </p>
    <p class="hint">${PAIRING.says()}</p>
    <dl class="facts">
      <div><dt>${NODES.name()}</dt><dd>${name}</dd></div>
      <div><dt>${NODES.platform()}</dt><dd>${systemName(platform ?? "")} ${version && `· ${NODES.versionOf({ version })}`}</dd></div>
    </dl>
    <${Left} until=${expires_at} />
    ${(failure.value || lost) && html`<p class="error" role="alert">${failure.value || lost}</p>`}
    <div class="buttons start">
      <button type="button" class="button primary" disabled=${isBusy.value} onClick=${() => void answer(confirmPairing)}>${PAIRING.same()}</button>
      <button type="button" class="button" disabled=${isBusy.value} onClick=${() => void answer(refusePairing)}>${PAIRING.other()}</button>
    </div>
  </section>`;
}

/** Sign by sign, as a screen reader is to say it. */
const spelled = (fingerprint: string) =>
  fingerprint
    .split(" ")
    .map((group) => [...group].join(" "))
    .join(", ");

function Joined({ now, heading }: Props<"joined">) {
  return html`<section class="panel" aria-labelledby="pairing-title">
    <h2 id="pairing-title" tabindex="-1" ref=${heading}>${PAIRING.joined({ name: now.name })}</h2>
    <p>${PAIRING.joinedLead()}</p>
    <div class="buttons start">
      <a class="button primary" href=${linkTo(now.nodeId ? `/machines/${now.nodeId}` : "/machines")}>${PAIRING.open()}</a>
      <button type="button" class="button" onClick=${() => (step.value = { type: "none" })}>${PAIRING.another()}</button>
    </div>
  </section>`;
}

type EndedProps = { heading: Props<"expired">["heading"]; title: string; lead: string };

function Ended({ heading, title, lead }: EndedProps) {
  return html`<section class="panel" aria-labelledby="pairing-title">
    <h2 id="pairing-title" tabindex="-1" ref=${heading}>${title}</h2>
    <p>${lead}</p>
    <${CodeForm} label=${PAIRING.fresh()} />
  </section>`;
}
