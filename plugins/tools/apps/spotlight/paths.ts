// What a search for files gives before anybody has looked at them.

/** Absolute. `truncated`: there may be more. */
export type Paths = { paths: string[]; truncated: boolean };
