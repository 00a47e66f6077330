// A gateway in this process, asked for paths that its route table does not name.
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "../../bin/start/start-server.ts";
import { readEnvironment } from "../../lib/env.ts";
import { type Door as DoorName, doorOf } from "../../services/api/doors.ts";
import { fullPath, ROUTES } from "../../services/api/routes.ts";

const AT_ONCE = 20;

export type Gateway = {
  server: RunningServer;
  /** Every action that the broker really has. */
  names(): string[];
  /** What is wrong with the answers to these paths, each asked with these methods. */
  wrongAnswers(paths: string[], methods: string[]): Promise<string[]>;
  stop(): Promise<void>;
};

export async function startGateway(): Promise<Gateway> {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-unnamed-"));
  const server = await startServer(readEnvironment({ MACJARVIS_HOME: home, PORT: "0", LOG_LEVEL: "fatal" }));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  return {
    server,
    names: () => server.broker.registry.getActionList({}).map(({ name }) => name as string),
    wrongAnswers: (paths, methods) => wrongAnswers({ url: server.url, agent }, paths, methods),
    async stop() {
      agent.destroy();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

type Door = { url: string; agent: Agent };
type Answer = { status: number; code: string };

/** The path goes out as it is. */
function ask({ url, agent }: Door, method: string, path: string): Promise<Answer> {
  const headers = { "Content-Type": "application/json", "Content-Length": "2" };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, code: codeIn(path, body) }));
    });
    sent.on("error", reject);
    sent.end("{}");
  });
}

/** Where each door says what is at fault (services/api/problem.ts). */
const CODES: Partial<Record<DoorName, RegExp>> = {
  openai: /"type":"(invalid_request_error)"/,
  anthropic: /"type":"(not_found_error)"/,
};
const codeIn = (path: string, body: string): string => {
  const found = (CODES[doorOf(path)] ?? /"code":"(\w+)"/).exec(body)?.[1] ?? "";
  return CODES[doorOf(path)] && found !== "" ? "not_found" : found;
};

/** By the table alone: each segment is the same, or a parameter that is not empty. */
function methodsInTable(target: string): string[] {
  const segments = (target.split("?")[0] ?? "").split("/");
  return ROUTES.filter((route) => {
    const wanted = fullPath(route).split("/");
    const isOpenEnded = wanted.at(-1)?.startsWith("*") === true;
    const hasLength = isOpenEnded ? segments.length >= wanted.length : segments.length === wanted.length;
    return (
      hasLength &&
      wanted.every((part, at) => (/^[:*]/.test(part) ? segments[at] !== "" : part === segments[at]))
    );
  }).map(({ method }) => method);
}

async function wrongAnswers(door: Door, paths: string[], methods: string[]): Promise<string[]> {
  const wrong: string[] = [];
  const left = paths.flatMap((path) => methods.map((method) => [method, path] as const));
  const worker = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [method, path] = next;
      const inTable = methodsInTable(path);
      if (inTable.includes(method) || (inTable.length > 0 && /HEAD|OPTIONS/.test(method))) continue;
      const { status, code } = await ask(door, method, path);
      const isRight =
        inTable.length > 0 ? status === 405 : status === 404 && (method === "HEAD" || code === "not_found");
      if (!isRight) wrong.push(`${method} ${path}: ${status} ${code}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong;
}
