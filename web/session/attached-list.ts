// The files of a message that is being written, each with its state and a way to remove it.
import { html } from "htm/preact";
import { useRef } from "preact/hooks";
import { Icon } from "../shell/icon.ts";
import { FILES } from "../texts/files.ts";
import type { Attached, Item } from "./attached.ts";
import { size } from "./file-words.ts";

export function AttachedList({ attached }: { attached: Attached }) {
  const items = attached.items.value;
  return html`
    ${attached.notice.value && html`<p class="error" role="alert">${attached.notice.value}</p>`}
    ${
      items.length > 0 &&
      html`<ul class="files" aria-label=${FILES.files()}>
        ${items.map((item) => html`<li key=${item.key}><${One} item=${item} onRemove=${() => attached.remove(item)} /></li>`)}
      </ul>`
    }
  `;
}

function One({ item, onRemove }: { item: Item; onRemove: () => void }) {
  const { name, failure, file } = item;
  return html`<div class=${`file ${failure ? "broken" : ""}`}>
    ${item.picture ? html`<img class="file-picture" alt="" src=${item.picture} />` : html`<${Icon} name="file" />`}
    <span class="file-words">
      <bdi class="file-name" title=${name}>${name}</bdi>
      ${
        failure
          ? html`<span class="file-failure" role="alert">${failure}</span>`
          : html`<span class="file-size" role="status">${file ? size(item.size) : FILES.uploading()}</span>`
      }
    </span>
    <button type="button" class="icon-button" aria-label=${FILES.remove({ name })} title=${FILES.remove({ name })} onClick=${onRemove}>
      <${Icon} name="cross" />
    </button>
  </div>`;
}

export function AttachButton({ attached }: { attached: Attached }) {
  const input = useRef<HTMLInputElement>(null);
  const onChange = () => {
    attached.add([...(input.current?.files ?? [])]);
    // The same file may be chosen again after it was removed.
    if (input.current) input.current.value = "";
  };
  return html`<input ref=${input} class="file-input" type="file" multiple tabindex="-1" hidden aria-label=${FILES.attach()} onChange=${onChange} />
    <button type="button" class="icon-button" aria-label=${FILES.attach()} title=${FILES.attach()} onClick=${() => input.current?.click()}>
      <${Icon} name="clip" />
    </button>`;
}

/** Files of a paste or a drop; text stays what it is. @returns whether there were any */
export function takeFiles(attached: Attached, from: DataTransfer | null): boolean {
  const files = [...(from?.files ?? [])];
  attached.add(files);
  return files.length > 0;
}
