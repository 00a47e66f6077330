// run_applescript: lets a fixed script control programs of the Mac. It runs outside of the sandbox, because controlling other programs
// is what it is for; so its text is ours, and the model gives values only.
import { z } from "zod";
import { ANY_HOST } from "../../../contracts/hosts.ts";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { argumentsOfAll, FREE, runScript, SCRIPTS, scriptsInWords } from "./scripts/run-script.ts";

export default defineTool({
  name: "run_applescript",
  description:
    "Controls programs of this Mac by one of the scripts that come with MacJarvis: what is in front, windows, browser tab, Finder selection, volume, dark mode, Music, notes, reminders, calendar. The first time macOS asks the person at the Mac for permission.",
  category: "apps",
  risk: "execute",
  runsOn: "node",
  platforms: ["darwin"],
  // A script of the model's own can make any program send anything anywhere.
  egress: ({ script_id }) => (script_id === FREE ? [ANY_HOST] : []),
  timeoutMs: 100_000,
  parameters: z.strictObject({
    script_id: z
      .enum([...Object.keys(SCRIPTS), FREE])
      .describe(`The script and its args. ${scriptsInWords()}`),
    args: argumentsOfAll().default({}).describe("Only those of the script"),
  }),
  execute: ({ script_id, args }, context) => answer(context, () => runScript(context, script_id, args)),
});
