/** The data folder that is named by `MACJARVIS_HOME`, or the usual one. @param usual its name in the user's home */
export function homeFolder(text: string | undefined, usual?: string): string;
/** Uses the compiled code that is kept in the data folder, where it is safe to. */
export function takeCodeCache(home: string): void;
