// The users of a benchmark, registered over HTTP like any others.
import { readFileSync } from "node:fs";
import { join } from "node:path";

type Credentials = { access: string; refresh: string };

const PASSWORD = "a bench of oak 41";

/**
 * Registers users and keeps their tokens fresh.
 * @param urls gateways, of which the first is asked
 * @param home has the owner's key
 */
export async function registerUsers(urls: string[], home: string, count: number) {
  const [url = ""] = urls;
  const owner = readFileSync(join(home, "owner.key"), "utf8").trim();
  let expiresAt = 0;
  const register = async (number: number): Promise<Credentials> => {
    const answer = await call(url, "POST", "/users/register", {
      email: `bench${number}@example.com`,
      password: PASSWORD,
    });
    // Benchmarks measure our own cost, not the limits of the free plan.
    await call(url, "PATCH", `/admin/users/${answer.user.id}`, { plan: "enterprise" }, owner);
    return renew(answer.refresh_token);
  };
  const renew = async (refresh_token: string): Promise<Credentials> => {
    const answer = await call(url, "POST", "/users/refresh", { refresh_token });
    // When half of their life is over.
    expiresAt = performance.now() + answer.expires_in * 500;
    return { access: answer.access_token, refresh: answer.refresh_token };
  };
  // One after the other: a slow core refuses passwords that come all at once.
  let users: Credentials[] = [];
  for (let number = 0; number < count; number += 1) users.push(await register(number));
  const ports = urls.map((each) => Number(new URL(each).port));
  return {
    async target() {
      if (performance.now() > expiresAt) users = await Promise.all(users.map((user) => renew(user.refresh)));
      return { dialect: "agent" as const, ports, bearers: users.map((user) => user.access) };
    },
  };
}

type Pair = { user: { id: string }; access_token: string; refresh_token: string; expires_in: number };

/** @throws Error with the answer when it is not a good one */
async function call(url: string, method: string, path: string, body: object, bearer?: string): Promise<Pair> {
  const headers = {
    "Content-Type": "application/json",
    ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
  };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as Pair;
}
