// Adding an MCP server: a program that the machines start, or an address.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { McpServer } from "../../contracts/answers/mcp.ts";
import { Radios } from "../settings/appearance-section.ts";
import { useWork, WorkState } from "../settings/use-form.ts";
import { call } from "../store/account.ts";
import { number } from "../store/format.ts";
import { Said } from "../store/say-error.ts";
import { MCP } from "../texts/mcp.ts";

type Kind = "stdio" | "http";
/** Longer than the server waits until its tools are listed. */
const ANSWER_MS = 75_000;

/** As a value names one of the server's environment. */
const variable = (name: string) => `\${${name}}`;

export function NewMcp({ onAdded }: { onAdded: () => void }) {
  const work = useWork();
  const kind = useSignal<Kind>("stdio");
  const outcome = useSignal("");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    outcome.value = "";
    const isDone = await work.run(async () => {
      const server = serverOf(kind.value, given);
      const { servers } = await call("POST /admin/mcp-servers", server as never, { answerMs: ANSWER_MS });
      outcome.value = wordsFor(server.name, servers);
    });
    onAdded();
    if (isDone) form.reset();
  };
  return html`<details class="panel adder">
    <summary>${MCP.add()}</summary>
    <form class="form" onSubmit=${submit}>
      <p class="hint">${MCP.addLead({ variable: variable("MCP_KEY") })}</p>
      <${Radios}
        name="kind"
        label=${MCP.kind()}
        value=${kind.value}
        options=${[["stdio", MCP.program()], ["http", MCP.address()]]}
        onPick=${(picked: Kind) => (kind.value = picked)}
      />
      <${Field} name="name" label=${MCP.name()} isNeeded />
      ${kind.value === "stdio" ? html`<${ProgramFields} />` : html`<${AddressFields} />`}
      <label class="field"><span>${MCP.seconds()}</span><input name="seconds" type="number" min="1" max="3600" step="1" /></label>
      <${WorkState} work=${work} />
      <p class="hint" role="status">${work.isBusy ? MCP.starts() : outcome.value}</p>
      <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${MCP.add()}</button></div>
    </form>
  </details>`;
}

function ProgramFields() {
  return html`
    <${Field} name="command" label=${MCP.command()} hint="/usr/local/bin/files-server" isNeeded />
    <${Lines} name="args" label=${MCP.args()} hint="--quiet" />
    <${Lines} name="env" label=${MCP.env()} hint=${`TOKEN=${variable("MCP_TOKEN")}`} />
    <${Field} name="cwd" label=${MCP.cwd()} />
  `;
}

function AddressFields() {
  return html`
    <${Field} name="url" label=${MCP.url()} hint="https://docs.example.com/mcp" isNeeded />
    <label class="field"><span>${MCP.transport()}</span>
      <select name="type"><option value="http">${MCP.streamable()}</option><option value="sse">${MCP.sse()}</option></select>
    </label>
    <${Lines} name="headers" label=${MCP.headers()} hint=${`Authorization: Bearer ${variable("MCP_KEY")}`} />
  `;
}

type FieldProps = { name: string; label: string; hint?: string; isNeeded?: boolean };

function Field({ name, label, hint = "", isNeeded = false }: FieldProps) {
  return html`<label class="field"><span>${label}</span>
    <input name=${name} maxlength="4096" required=${isNeeded} autocomplete="off" spellcheck=${false} placeholder=${hint} />
  </label>`;
}

function Lines({ name, label, hint = "" }: FieldProps) {
  return html`<label class="field"><span>${label}</span>
    <textarea name=${name} rows="2" class="json" spellcheck=${false} placeholder=${hint}></textarea>
  </label>`;
}

/** What the form says; whether it fits the server says. @throws Said for a line that names no value */
function serverOf(kind: Kind, form: FormData) {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const lines = (name: string) =>
    text(name)
      .split("\n")
      .filter((line) => line.trim() !== "");
  const seconds = text("seconds") === "" ? {} : { seconds: Number(text("seconds")) };
  const base = { name: text("name"), ...seconds };
  if (kind === "http") {
    const headers = pairs(lines("headers"), ":", "Name: value");
    return { ...base, url: text("url"), type: text("type"), ...(headers ? { headers } : {}) };
  }
  const [args, env] = [lines("args"), pairs(lines("env"), "=", "NAME=value")];
  return {
    ...{ ...base, command: text("command") },
    ...(args.length > 0 ? { args } : {}),
    ...(env ? { env } : {}),
    ...(text("cwd") === "" ? {} : { cwd: text("cwd") }),
  };
}

function pairs(lines: string[], sign: string, form: string): Record<string, string> | undefined {
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(sign);
      if (at < 1) throw new Said(MCP.badLine({ line, form }));
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

function wordsFor(name: string, servers: McpServer[]): string {
  const ready = servers.find(({ state }) => state === "ready");
  if (ready) return MCP.added({ name, count: number(ready.tools.length) });
  const why = servers.map(({ problem }) => problem).find((problem) => problem) ?? MCP.addedSlow();
  return MCP.addedDown({ name, why });
}
