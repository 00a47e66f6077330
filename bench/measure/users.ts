// The users of a benchmark, registered over HTTP like any others.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "./api.ts";

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
    const person = { email: `bench${number}@example.com`, password: PASSWORD };
    const answer = await ask<Pair>(url, "POST", "/users/register", { body: person });
    // Benchmarks measure our own cost, not the limits of the free plan.
    await ask(url, "PATCH", `/admin/users/${answer.user.id}`, {
      body: { plan: "enterprise" },
      bearer: owner,
    });
    return renew(answer.refresh_token);
  };
  const renew = async (refresh_token: string): Promise<Credentials> => {
    const answer = await ask<Pair>(url, "POST", "/users/refresh", { body: { refresh_token } });
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
