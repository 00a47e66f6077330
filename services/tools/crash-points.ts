// Places where a test lets the process die that sends calls to Macs: behind each thing that is written on the way there and back, and where
// an answer has come of which nothing is written yet.
export const CALL_CRASH_POINTS = [
  "queue.entered",
  "queue.taken",
  "direct.sent",
  "hub.answered",
  "hub.head_kept",
  "hub.fenced",
  "direct.answered",
] as const;
