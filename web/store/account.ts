// Who is signed in, and with what the API is called. The access token lives in memory only; what makes the next one is a cookie that no
// script reads, so a reload and other tabs go on with the same login.
import { batch, signal } from "@preact/signals";
import type { Login, User } from "../../contracts/users.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import { type CallOptions, Client } from "../../lib/client/client.ts";
import type { Answered, Given, PathName } from "../../lib/client/paths.ts";
import { SIGN_IN } from "../texts/shell.ts";
import { forgetAll, store, stored } from "./stored.ts";

export const user = signal<User | undefined>(undefined);
/** Why a person is to sign in (again); "" where there is nothing to say. */
export const notice = signal("");
/** It is not known yet whether somebody is signed in. */
export const isStarting = signal(true);

/** So long before its end a token is replaced, in milliseconds: it is to last as long as a request. */
const EARLY_MS = 60_000;
/** Another tab was faster: its cookie is there a moment later. */
const RACED = { pauseMs: 300, attempts: 5 };

let token: { access: string; endsAt: number } | undefined;
let refreshing: Promise<void> | undefined;
const leaving = new Set<() => void>();
/** What one tab does with a login, the others hear. */
const tabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("macjarvis.login");

/** Without a token. */
const open = new Client({ url: "" });
/** Every request of the console goes through it. */
export const client = new Client({ url: "", token: currentToken });

/** Whatever is kept of a person is given up when nobody is signed in any more. */
export function onLeave(forget: () => void): void {
  leaving.add(forget);
}

/**
 * Goes on with the login that this browser has, or opens one by the code of a link (`#code=…`). Somebody else's link changes no login
 * that is there. Called once.
 */
export async function startAccount(): Promise<void> {
  listenToTabs();
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) history.replaceState(null, "", "#/");
  try {
    if (stored("login") !== null) await refresh();
    if (code && !user.value) keep(await open.call("POST /users/sign-in", { code, cookie: true }));
    else if (code) notice.value = "";
  } catch (thrown) {
    notice.value = code && thrown instanceof ApiError ? thrown.message : "";
  } finally {
    isStarting.value = false;
  }
}

function listenToTabs(): void {
  tabs?.addEventListener("message", ({ data }: MessageEvent<{ user: string | null }>) => {
    if (data.user === null) leave(SIGN_IN.out());
    else if (user.value && user.value.id !== data.user) location.reload();
  });
}

async function currentToken(): Promise<string | undefined> {
  if (token && token.endsAt - EARLY_MS < Date.now()) {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
  }
  return token?.access;
}

/** By the cookie. @throws NotReached, and refusals that say nothing about the login */
async function refresh(): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      keep(await open.call("POST /users/refresh", { cookie: true }));
      return;
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.status !== 401) throw thrown;
      if (thrown.code !== "refresh_raced" || attempt === RACED.attempts) {
        leave(token ? SIGN_IN.ended() : "");
        return;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, RACED.pauseMs));
  }
}

function keep(login: Login): void {
  // Another tab has signed somebody else in: nothing of the one before stays.
  if (user.value && user.value.id !== login.user.id) {
    location.reload();
    return;
  }
  token = { access: login.access_token, endsAt: Date.now() + login.expires_in * 1_000 };
  store("login", "yes");
  user.value = login.user;
}

function leave(why: string): void {
  token = undefined;
  store("login", null);
  batch(() => {
    user.value = undefined;
    notice.value = why;
    for (const forget of leaving) forget();
  });
}

/** @throws ApiError in the server's words */
export async function signIn(given: { email: string; password: string }): Promise<void> {
  opened(await open.call("POST /users/login", { ...given, cookie: true }));
}

/** @throws ApiError in the server's words */
export async function register(given: Given<"POST /users/register">): Promise<void> {
  opened(await open.call("POST /users/register", { ...given, cookie: true }));
}

function opened(login: Login): void {
  notice.value = "";
  keep(login);
  tabs?.postMessage({ user: login.user.id });
}

/** All tabs forget at once, drafts too; the server as soon as it hears of it. */
export async function signOut(): Promise<void> {
  leave(SIGN_IN.out());
  forgetAll("draft.");
  tabs?.postMessage({ user: null });
  await open.call("POST /users/logout", {}).catch(() => undefined);
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
  const isOver = thrown instanceof ApiError && thrown.status === 401 && token !== undefined;
  if (isOver) leave(SIGN_IN.ended());
  return thrown;
}
