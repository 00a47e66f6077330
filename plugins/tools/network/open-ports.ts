// open_ports: the ports of this machine that somebody may connect or send to, and whose they are.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { describePorts } from "./machine/describe-ports.ts";

export default defineTool({
  name: "open_ports",
  description:
    "Lists the TCP ports that programs on this machine listen on, and the UDP ports they receive at, with address and process (pid, user, program without its arguments). The address 0.0.0.0, :: or * means every interface, 127.0.0.1 and ::1 this machine only. `processes` is empty where the system does not tell whose a port is: on Linux of other users' programs. Nothing is connected to.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 30_000,
  parameters: z.strictObject({}),
  execute: (_args, context) => answer(context, () => describePorts(context)),
});
