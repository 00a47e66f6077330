// All crash points of a process: those of the services whose moments have them, and those on the way of a call to a Mac.
import { AGENT_CRASH_POINTS } from "../../services/agent/moments/crash-points.ts";
import { SESSION_CRASH_POINTS } from "../../services/sessions/moments/crash-points.ts";
import { CALL_CRASH_POINTS } from "../../services/tools/crash-points.ts";

/** Those of every run: `<moment>.<operation>`. */
export const CRASH_POINTS: readonly string[] = [...new Set([...AGENT_CRASH_POINTS, ...SESSION_CRASH_POINTS])];

/** What `CRASH_AT` may be. */
export const ALL_POINTS: readonly string[] = [...CRASH_POINTS, ...CALL_CRASH_POINTS];
