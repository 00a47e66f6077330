// The crash points of what a session does in the moments of its runs.
import { pointsOf } from "../../../lib/moments.ts";
import { ENTER, LEAVE } from "../moments.ts";

export const SESSION_MOMENTS = [ENTER, LEAVE];
export const SESSION_CRASH_POINTS = pointsOf(SESSION_MOMENTS);
