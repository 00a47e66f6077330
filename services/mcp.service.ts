// MCP servers: which of them the machines of the core host besides those of their own `mcp.json`, and which definitions of their tools are
// accepted. It runs wherever `tools` does, and starts no server itself (mac-node/mcp/on-server/).
import { acceptMcpParams, addMcpServerParams, judgeMcpParams, mcpServerParams } from "../contracts/mcp.ts";
import { emptyParams } from "../contracts/quota.ts";
import { action } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { audit } from "../mixins/audit.ts";
import { sql } from "../mixins/sql.ts";
import { acceptTools } from "./mcp/accept-tools.ts";
import { addServer } from "./mcp/add-server.ts";
import { added } from "./mcp/added.ts";
import { askMachines } from "./mcp/machines.ts";
import { judge } from "./mcp/pins.ts";
import { removeServer } from "./mcp/remove-server.ts";
import { type McpTables, MIGRATIONS } from "./mcp/tables.ts";
import { viewOf } from "./mcp/view.ts";

const MIXINS = [sql<McpTables>(MIGRATIONS), audit] as const;
type McpService = With<typeof MIXINS>;

const ADMIN = { kind: "user", scope: "admin", admin: true } as const;
const INTERNAL = { kind: "internal" } as const;
/** A server may take its time to start. */
const ADD_LIMIT_MS = 60_000;

export const mcpService = defineService<"mcp", McpService>({
  name: "mcp",
  mixins: MIXINS,
  actions: {
    list: action({
      access: ADMIN,
      input: emptyParams,
      async handler(this: McpService, _params, caller) {
        return viewOf(this, await askMachines(this.broker, caller, false));
      },
    }),
    add: action({
      access: ADMIN,
      input: addMcpServerParams,
      timeout: ADD_LIMIT_MS,
      handler(this: McpService, server, caller) {
        return addServer(this, caller, server);
      },
    }),
    remove: action({
      access: ADMIN,
      input: mcpServerParams,
      async handler(this: McpService, { name }, caller) {
        await removeServer(this, caller, name);
        return null;
      },
    }),
    accept: action({
      access: ADMIN,
      input: acceptMcpParams,
      handler(this: McpService, params, caller) {
        return acceptTools(this, caller, params);
      },
    }),
    added: action({
      access: INTERNAL,
      input: emptyParams,
      async handler(this: McpService) {
        return { servers: await added(this.sql) };
      },
    }),
    judge: action({
      access: INTERNAL,
      input: judgeMcpParams,
      async handler(this: McpService, { place, name, tools }) {
        return { accepted: await judge(this.sql, { place, name }, tools) };
      },
    }),
  },
});
