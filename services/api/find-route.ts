// What the route table names, and nothing else, goes on to the router. A library's idea of which paths mean the same (case,
// slashes, dots, action names) opens nothing, and whoever guards paths before us can compare them letter by letter.
import type { ServerResponse } from "node:http";
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
export function methodsOf(path: string): string[] {
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
