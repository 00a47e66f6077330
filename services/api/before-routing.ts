// What is answered or refused before the router: OPTIONS, the address itself, and what the route table does not name. A library's
// idea of which paths mean the same (case, slashes, dots, action names) opens nothing, and whoever guards paths before us can
// compare them letter by letter.
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../lib/errors.ts";
import { hasHead, ROUTES } from "./routes.ts";

/** Where all routes are. */
export const PREFIX = "/api/v1";
/** Characters of a path that an answer repeats. */
const SHOWN = 200;

const PATTERNS = ROUTES.map((route) => ({
  methods: hasHead(route) ? ["GET", "HEAD"] : [route.method],
  pattern: new RegExp(`^${PREFIX}${route.path.replace(".", "\\.").replace(/:\w+/g, "[^/]+")}$`),
}));
const methodsBy = (path: string) =>
  PATTERNS.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
/** Paths without parameters: most of what is asked. */
const PLAIN = new Map(
  ROUTES.filter(({ path }) => !path.includes(":"))
    .map(({ path }) => PREFIX + path)
    .map((path) => [path, methodsBy(path)]),
);

/** The methods that a path has in the table, spelled exactly like this; empty when there is no such path. */
function methodsOf(path: string): string[] {
  return PLAIN.get(path) ?? methodsBy(path);
}

/** The path of a target as it came. */
export const pathOf = (target: string): string => target.split("?", 1)[0] ?? "";

/**
 * Lets a request pass that the table names. Sets `Allow` where the path has other methods.
 * @param target path and query as they came
 * @throws not_found, method_not_allowed
 */
export function requireRoute(method: string, target: string, response: ServerResponse): void {
  const path = pathOf(target);
  const methods = methodsOf(path);
  if (methods.includes(method)) return;
  if (methods.length === 0) throw noSuchPath(method, path);
  response.setHeader("Allow", methods.join(", "));
  throw new AppError("method_not_allowed", `There is no ${method} here, but ${methods.join(", ")}.`);
}

/** Says how the path is spelled when only its spelling is wrong. */
export function noSuchPath(method: string, path: string): AppError {
  const shown = path.length <= SHOWN ? path : `${path.slice(0, SHOWN)}…`;
  const usual = path
    .toLowerCase()
    .replace(/\/{2,}/g, "/")
    .replace(/\/$/, "");
  const meant = [usual, PREFIX + usual].find((other) => PLAIN.has(other));
  const advice = meant === undefined ? `The routes are below ${PREFIX}.` : `Perhaps you mean ${meant}.`;
  return new AppError("not_found", `There is no ${method} ${shown}. ${advice}`);
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * @returns true when the request was one, and is answered
 * @throws not_found
 */
export function answerOptions(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "OPTIONS") return false;
  const path = pathOf(request.url ?? "/");
  const methods = path === "*" ? METHODS : path === "/" ? ["GET", "HEAD"] : methodsOf(path);
  if (methods.length === 0) throw noSuchPath("OPTIONS", path);
  const isPreflight = request.headers["access-control-request-method"] !== undefined;
  response.writeHead(
    204,
    isPreflight
      ? {
          "Access-Control-Allow-Methods": METHODS.join(", "),
          "Access-Control-Allow-Headers":
            "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-ID",
          "Access-Control-Max-Age": "600",
        }
      : { Allow: [...methods, "OPTIONS"].join(", ") },
  );
  response.end();
  return true;
}

/** @returns true when the request was for this page, and is answered */
export function answerWelcome(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.url !== "/" || (request.method !== "GET" && request.method !== "HEAD")) return false;
  const url = `http://${request.headers.host ?? "127.0.0.1:3000"}`;
  const language = prefersChinese(request.headers["accept-language"]) ? "zh-CN" : "en";
  const page = PAGES[language](url);
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Language": language,
    Vary: "Accept-Language",
    "Content-Length": Buffer.byteLength(page),
    "Cache-Control": "no-store",
  });
  response.end(page);
  return true;
}

/** Whether Chinese comes before English in what the browser asks for (RFC 9110, 12.5.4). */
function prefersChinese(accepted = ""): boolean {
  const ranges = accepted.split(",").map((range) => {
    const [tag = "", ...parameters] = range
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const best = (language: string) =>
    Math.max(0, ...ranges.filter(({ tag }) => tag.split("-")[0] === language).map(({ quality }) => quality));
  return best("zh") > best("en");
}

const PAGES = {
  en: (url: string) => `MacJarvis is running here. There is no console in the browser yet.

Chat in a terminal, in the folder of MacJarvis:

  MACJARVIS_URL=${url} npm run chat

Or over HTTP, with an API key: the owner's is in owner.key in the data folder, usually ~/.macjarvis; an account of your own
(POST /api/v1/users/register) makes its own (POST /api/v1/users/me/keys).

  export MACJARVIS_KEY=$(cat ~/.macjarvis/owner.key)
  curl -N ${url}/api/v1/agent/chat \\
    -H "Authorization: Bearer $MACJARVIS_KEY" -H "Content-Type: application/json" \\
    -d '{"message": "How full is my disk?"}'

All routes: ${url}/api/v1/openapi.json
Health:     ${url}/api/v1/health/ready
`,
  "zh-CN": (url: string) => `MacJarvis 正在这里运行。浏览器里的控制台还没有。

在终端里对话（在 MacJarvis 的目录里）：

  MACJARVIS_URL=${url} npm run chat

或通过 HTTP，使用 API 密钥：所有者的密钥在数据目录的 owner.key 里，通常是 ~/.macjarvis；
自己的账户（POST /api/v1/users/register）可以创建自己的密钥（POST /api/v1/users/me/keys）。

  export MACJARVIS_KEY=$(cat ~/.macjarvis/owner.key)
  curl -N ${url}/api/v1/agent/chat \\
    -H "Authorization: Bearer $MACJARVIS_KEY" -H "Content-Type: application/json" \\
    -d '{"message": "磁盘用了多少？"}'

所有路由：${url}/api/v1/openapi.json
运行状态：${url}/api/v1/health/ready
`,
};
