// What a tool gave: what a command printed, pictures, data, or why it failed.
import { html } from "htm/preact";
import { size } from "../session/file-words.ts";
import { saidByServer } from "../store/server-words.ts";
import { TOOLS } from "../texts/tools.ts";

type Picture = { media_type: string; bytes?: number; data?: string };
type ToolResult = {
  data?: unknown;
  images?: Picture[];
  error?: { code: string; message: string };
  exit_code?: number | null;
  stdout?: string;
  stderr?: string;
  truncated?: boolean;
};

/** Characters that are put into the page: a larger result would make it slow. */
const MOST = 100_000;
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export function Result({ result }: { result: unknown }) {
  if (typeof result !== "object" || result === null)
    return html`<${Text} name=${TOOLS.result()} text=${String(result)} />`;
  const { data, images, error, exit_code, stdout, stderr, truncated } = result as ToolResult;
  const shown = (images ?? []).filter((image) => image.data && PICTURES.has(image.media_type));
  const gone = (images ?? []).filter((image) => !image.data);
  return html`<div class="part">
    ${error && html`<p class="error">${saidByServer(error.message)} <code>${error.code}</code></p>`}
    ${typeof exit_code === "number" && exit_code !== 0 && html`<p class="hint">${TOOLS.exitCode({ code: exit_code })}</p>`}
    ${stdout && html`<${Text} name=${TOOLS.output()} text=${stdout} />`}
    ${stderr && html`<${Text} name="stderr" text=${stderr} />`}
    ${data !== undefined && data !== null && html`<${Text} name=${TOOLS.result()} text=${wordsOf(data)} />`}
    ${shown.map((image) => html`<img class="picture" alt="" src=${`data:${image.media_type};base64,${image.data}`} />`)}
    ${gone.map((image) => html`<p class="hint">${TOOLS.picture({ type: image.media_type, size: size(image.bytes ?? 0) })}</p>`)}
    ${truncated && html`<p class="hint">${TOOLS.truncated()}</p>`}
  </div>`;
}

const wordsOf = (data: unknown): string => (typeof data === "string" ? data : JSON.stringify(data, null, 2));

function Text({ name, text }: { name: string; text: string }) {
  const isLong = text.length > MOST;
  return html`<h4>${name}</h4>
    <pre class="output" tabindex="0">${isLong ? text.slice(0, MOST) : text}</pre>
    ${isLong && html`<p class="hint">${TOOLS.truncated()}</p>`}`;
}
