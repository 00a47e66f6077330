// Reads `mcp.json`, in the shape that people have in other programs. What is wrong with one server keeps none of the others from being there.
import { z } from "zod";
import { type McpFileServer, mcpFileServer, mcpName } from "../../../contracts/mcp.ts";
import { toError } from "../../../lib/errors.ts";
import { checkFields } from "../../../lib/field-errors.ts";
import { lineOf, linesOf, syntaxFault } from "../../policy/lines.ts";
import { ownText } from "../../policy/own-text.ts";

/** `servers` is undefined where the file says nothing that can be read: then what it said before stays. */
export type McpFile = { servers: Map<string, McpFileServer> | undefined; faults: string[] };

const MOST = 50;
/** Such a file may be one of another program, which has more in it. */
const whole = z.looseObject({
  mcpServers: z.record(z.string(), z.unknown(), {
    error: 'must be an object of servers: {"mcpServers": {"name": {"command": …}}}',
  }),
});

/** Never throws. Faults are sentences with their lines, and hold no value of the file. */
export function readMcpFile(path: string): McpFile {
  const text = ownText(path);
  if (typeof text === "object")
    return text.fault === undefined
      ? { servers: new Map(), faults: [] }
      : { servers: undefined, faults: [`mcp.json is not used: ${text.fault}`] };
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (thrown) {
    return { servers: undefined, faults: [`mcp.json, ${syntaxFault(toError(thrown), text)}`] };
  }
  const lines = linesOf(text);
  const said = (path: string, message: string) =>
    `mcp.json, line ${lineOf(lines.of, path)}: ${path} ${message}`;
  const checked = checkFields(whole, value);
  if (!checked.ok)
    return {
      servers: undefined,
      faults: checked.faults.map(({ path, message }) => said(path || "it", message)),
    };
  const faults = lines.twice.map(({ path, line }) => `mcp.json, line ${line}: ${path} is there twice`);
  const servers = new Map<string, McpFileServer>();
  for (const [name, given] of Object.entries(checked.data.mcpServers)) {
    const at = `mcpServers.${name}`;
    const isNamed = mcpName.safeParse(name);
    const server = checkFields(mcpFileServer, given);
    if (!isNamed.success) faults.push(said(at, `its name ${isNamed.error.issues[0]?.message}`));
    else if (!server.ok)
      for (const fault of server.faults)
        faults.push(said([at, fault.path].filter(Boolean).join("."), fault.message));
    else if (servers.size === MOST) faults.push(said(at, `is one too many: at most ${MOST} are started`));
    else servers.set(name, server.data);
  }
  return { servers, faults };
}
