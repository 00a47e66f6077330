// The arguments of a call as a person reads them: a command as a command, a change of a file as a difference, the rest by name.
import { html } from "htm/preact";
import type { FileBefore } from "../../contracts/file-before.ts";
import { TOOLS } from "../texts/tools.ts";
import { WrittenText, writtenArguments } from "./written-text.ts";

type Args = Record<string, unknown>;
const isObject = (value: unknown): value is Args =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const COMMANDS = ["command", "script", "code"];

/** What it is about, on one line. */
export function summaryOf(_name: string, args: unknown): string {
  if (!isObject(args)) return args === undefined || args === null ? "" : String(args).slice(0, 200);
  const named = [...COMMANDS, "path", "source", "url", "host", "query", "pattern", "name"]
    .map((key) => text(args[key]))
    .find((value) => value !== undefined);
  const first =
    named ?? Object.values(args).find((value) => typeof value === "string" || typeof value === "number");
  return (
    String(first ?? "")
      .split("\n", 1)[0]
      ?.slice(0, 200) ?? ""
  );
}

type Props = { name: string; args: unknown; before?: FileBefore | undefined };

/** @param before what stood in the file that the call writes into, where that is known */
export function Arguments({ name, args, before }: Props) {
  if (!isObject(args))
    return html`<pre class="output" tabindex="0">${typeof args === "string" ? args : JSON.stringify(args, null, 2)}</pre>`;
  const rest = { ...args };
  const command = COMMANDS.find((key) => text(args[key]) !== undefined);
  const folder = text(args.working_directory);
  const written = writtenArguments(name, args);
  const parts = [];
  if (command) {
    delete rest[command];
    delete rest.working_directory;
    parts.push(html`<pre class="command" tabindex="0">${args[command]}</pre>
      ${folder && html`<p class="call-in">${TOOLS.in({ folder })}</p>`}`);
  }
  if (written) {
    for (const argument of written) delete rest[argument];
    parts.push(html`<${WrittenText} name=${name} args=${args} before=${before} />`);
  }
  const fields = Object.entries(rest);
  return html`<div class="part">
    ${
      fields.length > 0 &&
      html`<dl class="fields">
        ${fields.map(
          ([key, value]) =>
            html`<div key=${key}><dt>${key}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value, null, 1)}</dd></div>`,
        )}
      </dl>`
    }
    ${parts}
    ${fields.length === 0 && parts.length === 0 && html`<p class="hint">${TOOLS.noArguments()}</p>`}
  </div>`;
}
