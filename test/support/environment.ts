// What a process that a test starts has of this one's environment.

/**
 * Where programs, the home folder and compiled code are, and nothing else of ours: no key, no setting. The compiled code
 * (jest.config.mjs) spares each of these processes most of its start; a data folder's own is tested in bin/compile-cache.test.ts.
 */
export function environment(over: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE, ...over };
}
