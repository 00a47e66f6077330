// Names of processes as people read them: what it is, and the beginning of its number.

/** `agent-6f1f0c1e-…` → `agent-6f1f0c1e`. */
export const shortProcess = (id: string): string => id.replace(/^(.*?-?[0-9a-f]{8})-[0-9a-f-]{20,}$/, "$1");
