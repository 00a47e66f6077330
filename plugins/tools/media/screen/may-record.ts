// Whether macOS lets this program see the screen. Without that permission some versions give a picture all the same: the wallpaper
// without any window.
import { runFixedScript, type ScriptContext } from "../../apps/scripts/osascript.ts";

/** CGPreflightScreenCaptureAccess (macOS 10.15 and newer): asks nobody. */
const SOURCE = `
ObjC.import("CoreGraphics");
ObjC.bindFunction("CGPreflightScreenCaptureAccess", ["bool", []]);
function work() {
  return { may: Boolean($.CGPreflightScreenCaptureAccess()) };
}`;

/** Undefined where the Mac does not say. */
export async function mayRecord(context: ScriptContext): Promise<boolean | undefined> {
  try {
    const { may } = (await runFixedScript(context, SOURCE, {})) as { may?: unknown };
    return typeof may === "boolean" ? may : undefined;
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}
