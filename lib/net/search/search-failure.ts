// What is said of a search that failed: words for the model and the person, never an answer's own text, which may quote the key.

/** How a provider says no, by status. */
export function failureOfStatus(provider: string, status: number): Error {
  if (status === 401 || status === 403)
    return new Error(
      `${provider} does not accept the key that the server has. Whoever runs the server must look at it.`,
    );
  if (status === 402 || status === 432 || status === 433)
    return new Error(`The server's account at ${provider} has no searches left.`);
  if (status === 429) return new Error(`${provider} is asked too often just now. Try again in a minute.`);
  if (status >= 500) return new Error(`${provider} has a fault of its own (${status}). Try again later.`);
  return new Error(`${provider} refused the search (${status}). Try other words, shorter ones.`);
}
