// How often a server of the Model Context Protocol may speak: each message takes this Mac some time, also one that nobody has asked for.

const PER_SECOND = 2_000;
export const MESSAGES = { most: 2 * PER_SECOND, perS: PER_SECOND };
export const TOO_MANY_MESSAGES = `it said more than ${PER_SECOND} messages in a second`;
