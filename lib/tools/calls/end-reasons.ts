// Why a call is ended before its tool has ended, and what is said of it then.
export type EndReason = "cancelled" | "timeout" | "interrupted" | "frozen" | "cut_off";

export const ENDED: Record<EndReason, string> = {
  cancelled: "It was cancelled while it ran.",
  timeout: "It took longer than it may and was ended.",
  interrupted: "The machine's server was stopped while it ran.",
  frozen: "The machine was frozen while it ran.",
  cut_off: "The machine lost its server while it ran, and ended it.",
};

/** Milliseconds that what was asked to end may take before it is ended: what is frozen is still within a second. */
export const graceMs = ({ reason }: AbortSignal) => (reason === "frozen" ? 500 : 2_000);
