// Opens an application by the path at which it was found; used by open_app. Not by its name: LaunchServices knows bundles in any folder.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { assertDone, runOnMac } from "../desktop/mac-command.ts";
import { type Application, applicationNamed, installedApplications, similarNames } from "./installed.ts";

const LIMIT_MS = 20_000;

/** @param root as `installedApplications` has it. @throws ToolFailure `not_installed` with names like it, `failed` */
export async function openApplication(
  context: Pick<ToolContext, "run" | "home">,
  name: string,
  root?: string,
): Promise<{ opened: Application }> {
  const all = await installedApplications(context.home, root);
  const application = applicationNamed(all, name);
  if (!application) {
    const similar = similarNames(
      all.map((each) => each.name),
      name,
    );
    const hint =
      similar.length > 0 ? `There is: ${similar.join(", ")}.` : "list_applications shows what there is.";
    throw new ToolFailure(
      "not_installed",
      `There is no application "${name}" in the application folders. ${hint}`,
    );
  }
  const result = await runOnMac(context, ["/usr/bin/open", "-a", application.path], { timeoutMs: LIMIT_MS });
  assertDone(result, `Opening ${application.name}`);
  return { opened: application };
}
