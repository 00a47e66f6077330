// Checks the user's own plugins: those that a server would skip, and why. Loads them as a server does.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadTools } from "../../lib/tools/tool-plugins.ts";
import { visibleText } from "../terminal/clean-text.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { type Finding, ok, warning } from "./finding.ts";

const NAME = "plugins";

/** Nothing where there is no plugin folder. */
export async function checkPlugins(
  home: string,
  { doctor, said }: Texts = textsFor("en"),
): Promise<Finding[]> {
  const pluginFolder = join(home, "plugins");
  if (!existsSync(pluginFolder)) return [];
  const builtIn = await loadTools({ pluginFolder: join(home, "no-such-folder") });
  const { tools, bad } = await loadTools({ pluginFolder });
  if (bad.length > 0)
    return bad.map(({ file, problem }) =>
      warning(
        NAME,
        doctor.pluginSkipped(visibleText(said(problem))),
        doctor.pluginFix(visibleText(file)),
        "skipped",
      ),
    );
  const own = tools.length - builtIn.tools.length;
  return own === 0 ? [] : [ok(NAME, doctor.pluginsFine(own))];
}
