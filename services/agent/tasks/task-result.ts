// What a task is called and what came of it, by its run. Pure.
import type { RunDocument } from "../run-document.ts";

export function titleOfTask({ options, text }: Pick<RunDocument, "options" | "text">): string {
  return options.new_session_title ?? text.slice(0, 80);
}

/** Its last words. */
export function resultOf({ steps }: Pick<RunDocument, "steps">): string {
  return steps.findLast(({ content }) => content !== "")?.content ?? "";
}
