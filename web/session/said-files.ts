// The files that came with a message. Pictures are loaded when they are seen; all can be downloaded. Never opened: a file is somebody's
// bytes, and shown as a picture only where the server says that it is one.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../shell/icon.ts";
import { client, seen } from "../store/account.ts";
import { sayError } from "../store/say-error.ts";
import { FILES } from "../texts/files.ts";
import type { Attachment } from "./attached.ts";
import { isPicture, size } from "./file-words.ts";

export function SaidFiles({ files }: { files: Attachment[] }) {
  if (files.length === 0) return null;
  return html`<ul class="files said-files" aria-label=${FILES.files()}>
    ${files.map((file) => html`<li key=${file.id}><${One} file=${file} /></li>`)}
  </ul>`;
}

async function bytesOf({ id }: Attachment, type: string, signal?: AbortSignal): Promise<Blob> {
  const path = `/files/${encodeURIComponent(id)}/content`;
  try {
    const response = await client.open("GET", path, signal ? { signal } : {});
    return new Blob([await response.arrayBuffer()], { type });
  } catch (thrown) {
    throw seen(thrown);
  }
}

function One({ file }: { file: Attachment }) {
  const { name, media_type } = file;
  const frame = useRef<HTMLButtonElement>(null);
  const picture = useSignal("");
  const failure = useSignal("");
  useEffect(() => {
    if (!frame.current || !isPicture(media_type)) return;
    const stop = new AbortController();
    const load = async () => {
      try {
        const blob = await bytesOf(file, media_type, stop.signal);
        if (!stop.signal.aborted) picture.value = URL.createObjectURL(blob);
      } catch (thrown) {
        if (!stop.signal.aborted) failure.value = sayError(thrown);
      }
    };
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      void load();
    });
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      stop.abort();
      if (picture.peek()) URL.revokeObjectURL(picture.peek());
    };
  }, [file.id]);
  const download = async () => {
    failure.value = "";
    try {
      const url = URL.createObjectURL(await bytesOf(file, "application/octet-stream"));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url));
    } catch (thrown) {
      failure.value = sayError(thrown);
    }
  };
  return html`<button ref=${frame} type="button" class="file" aria-label=${FILES.download({ name })} title=${FILES.download({ name })} onClick=${() => void download()}>
      ${picture.value ? html`<img class="file-picture large" alt=${name} src=${picture.value} />` : html`<${Icon} name="file" />`}
      <span class="file-words"><bdi class="file-name">${name}</bdi><span class="file-size">${size(file.size)}</span></span>
    </button>
    ${failure.value && html`<p class="file-failure" role="alert">${failure.value}</p>`}`;
}
