// Holds every answer that a flow test gets against the OpenAPI page: its status is named there, its body fits the schema strictly (a field
// too few or too many does not), and a refusal has a code that its route lists.
import { z } from "zod";
import type { ErrorType } from "../../lib/errors.ts";
import { answerOf, OTHERS, operationOf } from "../../services/api/openapi/answers.ts";
import { problemsOf } from "../../services/api/openapi/problems.ts";
import { ROUTES, type Route } from "../../services/api/routes.ts";

const PATTERNS = ROUTES.filter(({ door = "api" }) => door === "api").map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(".", "\\.").replace(/:\w+/g, "[^/]+")}$`),
}));

/** The route that serves a path below `/api/v1`; undefined where none does. */
function routeOf(method: string, path: string): Route | undefined {
  const bare = path.split("?", 1)[0] ?? "";
  return PATTERNS.find(({ route, pattern }) => route.method === method && pattern.test(bare))?.route;
}

const problem = z.looseObject({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
});

/** @throws what does not fit, with where */
export function checkAnswer(method: string, path: string, status: number, body: unknown): void {
  const route = routeOf(method, path);
  if (!route) return;
  const name = operationOf(route);
  const say = (what: string) => new Error(`${method} ${path} answered ${status}: ${what}`);
  const other = OTHERS[name]?.[status];
  // A proxy before the gateway answers in its own words.
  if (status >= 500 && typeof body === "string") return;
  if (status >= 400 && !other) {
    const { code } = problem.parse(body);
    if (
      !problemsOf(route)
        .get(status)
        ?.includes(code as ErrorType)
    )
      throw say(`"${code}" is not among the problems of ${name} (services/api/openapi/problems.ts)`);
    return;
  }
  if (!other && status !== (route.status ?? 200)) throw say("a status that its description does not name");
  const schema = other ? other.schema : answerOf(name);
  if (!schema || typeof body === "string") return;
  const { error } = schema.safeParse(body);
  if (error) throw say(z.prettifyError(error));
}
