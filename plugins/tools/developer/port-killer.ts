// port_killer: ends the programs that listen on a TCP port, when they are the user's own.
import { z } from "zod";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { endListeners } from "./ports/end-listeners.ts";

export default defineTool({
  name: "port_killer",
  description:
    "Ends the processes that listen on a TCP port of this machine, to free it. They are asked to end (TERM); with force those that have not ended after 5 seconds are killed. Says what it ended, and whether the port is free then (a supervisor may start a new one). Refuses, and ends nothing, when one of them belongs to another user or to MacJarvis itself. open_ports shows beforehand what listens there: tell the user which program it is.",
  category: "developer",
  risk: "execute",
  runsOn: "node",
  timeoutMs: 60_000,
  parameters: z.strictObject({
    port: z.int().min(1).max(65_535).describe("The TCP port"),
    force: z
      .boolean()
      .default(false)
      .describe("Kill what does not end when it is asked to: it loses what it has not saved"),
  }),
  execute: (args, context) => endListeners(args, context),
});
