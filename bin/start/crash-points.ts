// All crash points of a process: those of the services whose moments have them.
import { AGENT_CRASH_POINTS } from "../../services/agent/moments/crash-points.ts";
import { SESSION_CRASH_POINTS } from "../../services/sessions/moments/crash-points.ts";

/** What `CRASH_AT` may be: `<moment>.<operation>`. */
export const CRASH_POINTS: readonly string[] = [...new Set([...AGENT_CRASH_POINTS, ...SESSION_CRASH_POINTS])];
