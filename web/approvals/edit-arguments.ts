// The arguments of a question as JSON that can be changed, with what differs below.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useMemo } from "preact/hooks";
import { APPROVALS } from "../texts/tools.ts";
import { Difference } from "../tools/difference.ts";

type Props = {
  args: unknown;
  /** Undefined as long as nothing was changed. */
  onChange: (args: Record<string, unknown> | undefined, isValid: boolean) => void;
};

export function EditArguments({ args, onChange }: Props) {
  const before = useMemo(() => JSON.stringify(args, null, 2) ?? "{}", [args]);
  const text = useSignal(before);
  const failure = useSignal("");
  const onInput = (event: Event) => {
    text.value = (event.currentTarget as HTMLTextAreaElement).value;
    try {
      const parsed: unknown = JSON.parse(text.value);
      if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
        throw new TypeError("{ … }");
      failure.value = "";
      const isSame = JSON.stringify(parsed) === JSON.stringify(args);
      onChange(isSame ? undefined : (parsed as Record<string, unknown>), true);
    } catch (thrown) {
      failure.value = APPROVALS.notJson({ what: (thrown as Error).message });
      onChange(undefined, false);
    }
  };
  return html`<div class="part">
    <textarea
      class="json"
      spellcheck=${false}
      rows=${Math.min(16, before.split("\n").length + 1)}
      aria-label=${APPROVALS.json()}
      aria-invalid=${failure.value !== ""}
      value=${text.value}
      onInput=${onInput}
    ></textarea>
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
    ${
      !failure.value &&
      text.value !== before &&
      html`<h4>${APPROVALS.difference()}</h4><${Difference} before=${before} after=${text.value} />`
    }
  </div>`;
}
