// The sections of the administration, in the order in which they are shown. A new one is a line here and a component in a file of its own.
import type { ComponentType } from "preact";
import { ADMIN } from "../texts/admin.ts";
import { INSTALLATION } from "../texts/admin-installation.ts";
import type { Text } from "../texts/texts.ts";
import { AuditSection } from "./audit-section.ts";
import { ConfigSection } from "./config-section.ts";
import { FreezeSection } from "./frozen.ts";
import { McpSection } from "./mcp-section.ts";
import { ModelsSection } from "./models-section.ts";
import { NodesSection } from "./nodes-section.ts";
import { AllUsageSection } from "./usage-section.ts";
import { UserPage } from "./user-page.ts";
import { UsersSection } from "./users-section.ts";

export type Section = {
  /** In the path: `/admin/<name>`. */
  name: string;
  title: Text;
  View: ComponentType;
  /** What `/admin/<name>/<id>` shows, where there is something to show of one. */
  One?: ComponentType<{ id: string }>;
};

export const SECTIONS: Section[] = [
  { name: "users", title: ADMIN.users, View: UsersSection, One: UserPage },
  { name: "usage", title: INSTALLATION.usage, View: AllUsageSection },
  { name: "models", title: INSTALLATION.models, View: ModelsSection },
  { name: "nodes", title: INSTALLATION.nodes, View: NodesSection },
  { name: "audit", title: ADMIN.audit, View: AuditSection },
  { name: "configuration", title: ADMIN.config, View: ConfigSection },
  { name: "mcp", title: ADMIN.mcp, View: McpSection },
  { name: "freeze", title: ADMIN.freeze, View: FreezeSection },
];
