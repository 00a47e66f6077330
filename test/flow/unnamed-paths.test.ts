// No action is reached over HTTP but by the route table (G16): moleculer-web, left to its defaults, maps every path to the action
// of that name. All actions that the broker really has × spellings of their names as a path × methods.
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type RunningServer, startServer } from "../../bin/start/start-server.ts";
import { readEnvironment } from "../../lib/env.ts";
import { ROUTES } from "../../services/api/routes.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
const AT_ONCE = 20;

let server: RunningServer;
let home: string;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-unnamed-"));
  server = await startServer(readEnvironment({ MACJARVIS_HOME: home, PORT: "0", LOG_LEVEL: "fatal" }));
});
afterAll(async () => {
  agent.destroy();
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

type Answer = { status: number; code: string };

/** The path goes out as it is. */
function ask(method: string, path: string): Promise<Answer> {
  const headers = { "Content-Type": "application/json", "Content-Length": "2" };
  return new Promise((resolve, reject) => {
    const sent = request(server.url, { method, path, agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, code: /"code":"(\w+)"/.exec(body)?.[1] ?? "" }),
      );
    });
    sent.on("error", reject);
    sent.end("{}");
  });
}

/** How a path may be spelled for the same action; `name` as in `users.login`. */
function spellingsOf(name: string): string[] {
  const slashes = name.replaceAll(".", "/");
  const names = [
    name,
    slashes,
    name.replaceAll(".", "%2e"),
    name.replaceAll(".", "%2F"),
    name.replaceAll(".", "//"),
    name.toUpperCase(),
    slashes.toUpperCase(),
    `${name}/`,
    `${slashes}/`,
    `${name};x=1`,
    `${slashes};`,
    `${name}?x=1`,
    `./${slashes}`,
    `%2e/${slashes}`,
    `x/../${slashes}`,
    `/${slashes}`,
    `%2f${slashes}`,
    `~${name}`,
    `$${name}`,
    `%24${slashes}`,
    `${slashes}%00`,
    `${slashes}%20`,
    `${slashes}.json`,
    name.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    slashes.replaceAll("/", "\\"),
  ];
  const prefixes = ["/", "/api/v1/", "/api/", "/api/v1/../", "//api/v1/", "/API/V1/", "/api/v1//"];
  return prefixes.flatMap((prefix) => names.map((spelled) => prefix + spelled));
}

/** By the table alone: each segment is the same, or a parameter that is not empty. */
function methodsInTable(target: string): string[] {
  const segments = (target.split("?")[0] ?? "").split("/");
  return ROUTES.filter(({ path }) => {
    const wanted = `/api/v1${path}`.split("/");
    return (
      wanted.length === segments.length &&
      wanted.every((part, at) => (part.startsWith(":") ? segments[at] !== "" : part === segments[at]))
    );
  }).map(({ method }) => method);
}

/** What is wrong with the answers to these paths, each asked with these methods. */
async function wrongAnswers(paths: string[], methods: string[]): Promise<string[]> {
  const wrong: string[] = [];
  const left = paths.flatMap((path) => methods.map((method) => [method, path] as const));
  const worker = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [method, path] = next;
      const inTable = methodsInTable(path);
      if (inTable.includes(method) || (inTable.length > 0 && /HEAD|OPTIONS/.test(method))) continue;
      const { status, code } = await ask(method, path);
      const isRight =
        inTable.length > 0 ? status === 405 : status === 404 && (method === "HEAD" || code === "not_found");
      if (!isRight) wrong.push(`${method} ${path}: ${status} ${code}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong;
}

describe("G16 a path that the route table does not name is 404", () => {
  test("and no action of ours may be published by a gateway at all", () => {
    const actions = server.broker.registry.getActionList({}) as {
      name: string;
      action: { visibility?: string };
    }[];
    const published = actions.filter(
      ({ action }) => !/^(public|protected|private)$/.test(action.visibility ?? ""),
    );
    expect(published.map(({ name }) => name)).toEqual([]);
  });

  const names = () => server.broker.registry.getActionList({}).map(({ name }) => name as string);

  test("for every action that there is, in every spelling, asked for and sent to", async () => {
    expect(names().length).toBeGreaterThan(50);
    expect(await wrongAnswers(names().flatMap(spellingsOf), ["GET", "POST"])).toEqual([]);
  });

  test("for every action that there is, with every method", async () => {
    const paths = names().flatMap((name) => [`/${name}`, `/${name.replaceAll(".", "/")}`, `/api/v1/${name}`]);
    expect(await wrongAnswers(paths, METHODS)).toEqual([]);
  });

  test("for what Moleculer and its gateway have inside", async () => {
    const inside = ["node.list", "node.services", "node.actions", "node.options", "node.health"];
    const paths = [...inside.flatMap((name) => [`~${name}`, `$${name}`]), "api.rest", "api.listAliases"];
    const more = ["api.addRoute", "api.removeRoute", "list-aliases", "api/list-aliases"];
    expect(await wrongAnswers([...paths, ...more].flatMap(spellingsOf), ["GET", "POST"])).toEqual([]);
  });

  test("for every route of the table in any other spelling", async () => {
    const others = ROUTES.flatMap(({ path }) => {
      const real = path.replace(/:\w+/g, "x");
      return [`/api/v1${real}/`, `/api/v1${real.toUpperCase()}`, `/API/v1${real}`, `/api//v1${real}`, real];
    });
    expect(await wrongAnswers(others, METHODS)).toEqual([]);
  });
});
