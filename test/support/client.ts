// A small HTTP client for tests: JSON calls and event streams, nothing hidden.
import { createParser } from "eventsource-parser";
import type { RunEvent } from "../../contracts/run-events.ts";
import { checkAnswer } from "./check-answer.ts";
import { isOnCluster } from "./on-cluster.ts";

export type Answer<T = Record<string, unknown>> = { status: number; body: T; headers: Headers };
export type SseEvent = { id: number; event: RunEvent["event"]; data: never };
export type AnyEvent = { id: number; event: string; data: Record<string, unknown> };

export class Client {
  url: string;
  token: string | undefined;

  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  /** @param path below `/api/v1` */
  async call<T = Record<string, never>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const answer = await this.callAt<T>(method, `/api/v1${path}`, body, headers);
    checkAnswer(method, path, answer.status, answer.body);
    return answer;
  }

  /** The same for the whole path, whatever it answers. */
  async callAt<T = Record<string, never>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...this.#headers(body !== undefined), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    // What changes is told for as long as somebody listens.
    const isEndless = path === "/api/v1/events" && response.ok;
    if (isEndless) await response.body?.cancel();
    const text = isEndless ? "" : await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text) as T,
      headers: response.headers,
    };
  }

  /** Starts a chat and reads it to its end (or until `until` says so). */
  async chat(
    body: Record<string, unknown>,
    options: { headers?: Record<string, string>; until?: (event: AnyEvent) => boolean } = {},
  ): Promise<AnyEvent[]> {
    const response = await this.open("POST", "/agent/chat", body, options.headers);
    if (response.status !== 200) throw new Error(`chat: ${response.status} ${await response.text()}`);
    return readEvents(response, options.until);
  }

  /** Resumes a run's events after `after`. */
  async events(run: string, after = 0, until?: (event: AnyEvent) => boolean): Promise<AnyEvent[]> {
    const response = await this.open("GET", `/agent/runs/${run}/events`, undefined, {
      "Last-Event-ID": String(after),
    });
    if (response.status === 204) return [];
    if (response.status !== 200) throw new Error(`events: ${response.status} ${await response.text()}`);
    return readEvents(response, until);
  }

  open(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { ...this.#headers(body !== undefined), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  }

  #headers(hasBody: boolean): Record<string, string> {
    return {
      ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
      ...(hasBody ? { "Content-Type": "application/json" } : {}),
      // So that it comes through the next gateway (cluster-stack.ts).
      ...(isOnCluster ? { Connection: "close" } : {}),
    };
  }
}

/** Reads an event stream until it ends, breaks, or `until` is true for an event; then leaves. */
export async function readEvents(
  response: Response,
  until?: (event: AnyEvent) => boolean,
): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  let stop = false;
  const parser = createParser({
    onEvent({ id, event, data }) {
      if (stop) return;
      const parsed = {
        id: Number(id),
        event: event ?? "",
        data: JSON.parse(data) as Record<string, unknown>,
      };
      events.push(parsed);
      if (until?.(parsed)) stop = true;
    },
  });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const piece = await reader?.read();
      if (!piece || piece.done) break;
      parser.feed(decoder.decode(piece.value, { stream: true }));
      if (stop) break;
    }
  } catch {
    // The connection was cut: what came before counts.
  }
  await reader?.cancel().catch(() => undefined);
  return events;
}

let users = 0;

/** A new user, registered over HTTP. */
export async function register(
  url: string,
): Promise<Client & { id: string; email: string; password: string }> {
  const client = new Client(url);
  users += 1;
  const email = `user${users}.${process.pid}.${Date.now()}@example.com`;
  const password = "correct horse battery 9";
  const { status, body } = await client.call<{ access_token: string; user: { id: string } }>(
    "POST",
    "/users/register",
    {
      email,
      password,
    },
  );
  if (status !== 201) throw new Error(`register: ${status} ${JSON.stringify(body)}`);
  client.token = body.access_token;
  return Object.assign(client, { id: body.user.id, email, password });
}

/** The text of a step as its readers have it: its content since the last reset. */
export function textOf(events: AnyEvent[], step?: number): string {
  let text = "";
  for (const { event, data } of events) {
    if (step !== undefined && data.step !== step) continue;
    if (event === "content") text += data.text;
    if (event === "reset") text = "";
  }
  return text;
}
