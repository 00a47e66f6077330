// The commands of the REPL, a file for each group. A command is added to its group's list, and its usage and what it does to
// bin/terminal/texts/repl.ts; help, completion, --json and questions come with it.
import { AUDIT_COMMANDS } from "./commands/audit.ts";
import { CONFIG_COMMANDS } from "./commands/config.ts";
import { MAC_COMMANDS } from "./commands/macs.ts";
import { PROCESS_COMMANDS } from "./commands/processes.ts";
import { QUOTA_COMMANDS } from "./commands/quota.ts";
import { RUN_COMMANDS } from "./commands/runs.ts";
import { SESSION_COMMANDS } from "./commands/sessions.ts";
import { USER_COMMANDS } from "./commands/users.ts";
import { WORK_COMMANDS } from "./commands/work.ts";
import type { Command } from "./room.ts";

/** In the order in which help has them. */
export const COMMANDS: readonly Command[] = [
  ...PROCESS_COMMANDS,
  ...RUN_COMMANDS,
  ...SESSION_COMMANDS,
  ...USER_COMMANDS,
  ...QUOTA_COMMANDS,
  ...MAC_COMMANDS,
  ...WORK_COMMANDS,
  ...CONFIG_COMMANDS,
  ...AUDIT_COMMANDS,
];
