// The window that is meant by its id or by its program's name.
import { foldedName } from "../../../../lib/files/path-names.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { runFixedScript, type ScriptContext } from "../../apps/scripts/osascript.ts";
import { WINDOWS } from "../../apps/scripts/windows.ts";

type Window = { id: number; app: string };

/** The id as it is, or that of the window of the program which is furthest in front. @throws ToolFailure `not_found` */
export async function findWindow(context: ScriptContext, wanted: string): Promise<number> {
  if (/^\d{1,9}$/.test(wanted)) return Number(wanted);
  const { windows } = (await runFixedScript(context, WINDOWS, {})) as { windows: Window[] };
  const found = windows.find(({ app }) => foldedName(app) === foldedName(wanted));
  if (found) return found.id;
  const apps = [...new Set(windows.map(({ app }) => app))].slice(0, 20);
  throw new ToolFailure(
    "not_found",
    `No window of "${wanted}" is on the screen. There are windows of: ${apps.join(", ")}.`,
  );
}
