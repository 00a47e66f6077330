// A benchmark's own requests to a product: over HTTP, as anybody's.

type Request = { body?: object; bearer?: string; signal?: AbortSignal };

/** @throws Error with the answer when it is not a good one */
export async function ask<Answer>(
  url: string,
  method: string,
  path: string,
  { body, bearer, signal }: Request = {},
): Promise<Answer> {
  const headers = {
    ...(body ? { "Content-Type": "application/json" } : {}),
    ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
  };
  const answer = await fetch(`${url}/api/v1${path}`, {
    ...{ method, headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}
