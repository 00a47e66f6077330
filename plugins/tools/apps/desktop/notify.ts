// A notification of the system; used by show_notification. Title and message are data wherever they go: arguments, never a script.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { desktopSession } from "../../../../lib/env.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { runFixedScript } from "../scripts/osascript.ts";
import type { Desktop } from "./linux-desktop.ts";
import { assertDone } from "./mac-command.ts";
import { firstThere } from "./one-of-programs.ts";

export type Notification = { title: string; message: string };

const LIMIT_MS = 10_000;
const SOURCE = `
function work({ title, message }) {
  const app = Application.currentApplication();
  app.includeStandardAdditions = true;
  app.displayNotification(message, { withTitle: title });
  return {};
}`;

/** @param desktop of Linux */
export async function showNotification(
  context: Pick<ToolContext, "run" | "home" | "signal">,
  { title, message }: Notification,
  { platform = process.platform, desktop }: { platform?: NodeJS.Platform; desktop?: Desktop } = {},
): Promise<void> {
  if (platform === "darwin") {
    await runFixedScript(context, SOURCE, { title, message });
    return;
  }
  const { variables } = desktop ?? { variables: desktopSession() };
  if (!variables.DBUS_SESSION_BUS_ADDRESS && !variables.XDG_RUNTIME_DIR)
    throw new ToolFailure(
      "no_display",
      "This machine has no desktop session that MacJarvis could reach: DBUS_SESSION_BUS_ADDRESS is not set where it was started.",
    );
  const argv = ["notify-send", "--app-name=MacJarvis", "--", title, withoutMarkup(message)];
  const result = await firstThere([argv], "libnotify-bin (or libnotify)", (each) =>
    context.run(each, { env: variables, timeoutMs: LIMIT_MS }),
  );
  context.signal.throwIfAborted();
  assertDone(result, "Showing the notification");
}

/** A message is markup (Desktop Notifications Specification): what is text must stay text. */
function withoutMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
