// What is said of a request of which not a byte was sent: nothing was done then, whatever was asked for.

/** The name of such an error. */
export const NOT_SENT = "NotSent";
