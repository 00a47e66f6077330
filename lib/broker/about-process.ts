// What a process says of itself to the others, in the metadata of its broker.

/** `started_at`: ISO 8601, by its own clock. */
export type AboutProcess = { version: string; started_at: string };
