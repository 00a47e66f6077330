// The address that signs a browser in to the console.

/** The code stands in the fragment, which a browser sends nowhere. */
export const consoleLink = (url: string, code: string): string => `${url}/#code=${code}`;
