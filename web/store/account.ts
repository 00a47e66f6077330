// Who is signed in, and with what the API is called. Tokens live in memory only: a reload begins anew.
import { batch, signal } from "@preact/signals";
import type { Login, User } from "../../contracts/users.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import { type CallOptions, Client } from "../../lib/client/client.ts";
import type { Answered, Given, PathName } from "../../lib/client/paths.ts";
import { SIGN_IN } from "../texts/shell.ts";

export const user = signal<User | undefined>(undefined);
/** Why a person is to sign in (again); "" where there is nothing to say. */
export const notice = signal("");

/** So long before its end a token is replaced, in milliseconds: it is to last as long as a request. */
const EARLY_MS = 60_000;

type Tokens = { access: string; refresh: string; endsAt: number };
let tokens: Tokens | undefined;
let refreshing: Promise<void> | undefined;

/** Without a token. */
const open = new Client({ url: "" });
/** Every request of the console goes through it. */
export const client = new Client({ url: "", token: currentToken });

async function currentToken(): Promise<string | undefined> {
  if (tokens && tokens.endsAt - EARLY_MS < Date.now()) {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
  }
  return tokens?.access;
}

async function refresh(): Promise<void> {
  if (!tokens) return;
  const before = tokens;
  try {
    keep(await open.call("POST /users/refresh", { refresh_token: before.refresh }));
  } catch (thrown) {
    // Whoever cannot be reached has said nothing about it.
    if (!(thrown instanceof ApiError) || thrown.status !== 401) throw thrown;
    if (tokens === before) leave(SIGN_IN.ended());
  }
}

function keep(pair: Login): void {
  tokens = {
    access: pair.access_token,
    refresh: pair.refresh_token ?? "",
    endsAt: Date.now() + pair.expires_in * 1_000,
  };
  user.value = pair.user;
}

function leave(why: string): void {
  tokens = undefined;
  batch(() => {
    user.value = undefined;
    notice.value = why;
  });
}

/** @throws ApiError in the server's words */
export async function signIn(given: { email: string; password: string }): Promise<void> {
  const pair = await open.call("POST /users/login", given);
  notice.value = "";
  keep(pair);
}

/** @throws ApiError in the server's words */
export async function register(given: Given<"POST /users/register">): Promise<void> {
  const pair = await open.call("POST /users/register", given);
  notice.value = "";
  keep(pair);
}

/** The page forgets at once; the server as soon as it hears of it. */
export async function signOut(): Promise<void> {
  const refresh_token = tokens?.refresh;
  leave(SIGN_IN.out());
  if (refresh_token) await open.call("POST /users/logout", { refresh_token }).catch(() => undefined);
}

/** One request to the API as the person who is signed in. @throws as `Client.call`; who is not known any more signs in again */
export async function call<Name extends PathName>(
  name: Name,
  params: Given<Name>,
  options: CallOptions = {},
): Promise<Answered<Name>> {
  try {
    return await client.call(name, params, options);
  } catch (thrown) {
    throw seen(thrown);
  }
}

/** What went wrong; signs out where the credential has ended. */
export function seen(thrown: unknown): unknown {
  const isOver = thrown instanceof ApiError && thrown.status === 401 && tokens !== undefined;
  if (isOver) leave(SIGN_IN.ended());
  return thrown;
}
