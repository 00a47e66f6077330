// What the policy file says of a server of the Model Context Protocol: a command that is started, or an address; and of its tools.
import { z } from "zod";

const word = z.string().max(4_096);
const MOST_TOOLS = 200;
const toolName = z.string().min(1).max(200);
/** Of a tool, by the name its server gives it: what it is to this Mac; `execute` unless given. `off`: nobody has it. */
const tools = z
  .record(toolName, z.enum(["read", "write", "execute", "off"]))
  .refine((all) => Object.keys(all).length <= MOST_TOOLS, `must name at most ${MOST_TOOLS} tools`)
  .optional();
/** Seconds that a call of it may take; 60 unless given. */
const seconds = z.int().min(1).max(3_600).optional();

export const mcpServer = z.union(
  [
    z.strictObject({
      command: word.min(1),
      args: z.array(word).max(100).optional(),
      /** Values may hold `{{secret:NAME}}`. */
      env: z.record(z.string().regex(/^[A-Za-z_]\w*$/, "must be the name of a variable"), word).optional(),
      /** Inside the sandbox of commands: it writes the roots only and has no network. */
      sandbox: z.boolean().optional(),
      ...{ tools, seconds },
    }),
    z.strictObject({
      url: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }),
      /** Sent with each request; values may hold `{{secret:NAME}}`. */
      headers: z
        .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, "must be the name of a header"), word)
        .optional(),
      ...{ tools, seconds },
    }),
  ],
  {
    error:
      'must have a "command" (with "args", "env", "sandbox"), or a "url" (with "headers"); either may have "tools" and "seconds"',
  },
);
