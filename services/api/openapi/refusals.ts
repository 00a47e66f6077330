// What a route refuses, as answers of the page; equal ones are told once.
import type { ErrorType } from "../../../lib/errors.ts";
import type { Route } from "../routes.ts";
import type { Json } from "./operation.ts";
import { problemsOf } from "./problems.ts";

export class Refusals {
  readonly #names = new Map<string, string>();
  readonly components: Json = {};

  /** By status. */
  of = (route: Route): Json =>
    Object.fromEntries(
      [...problemsOf(route)].map(([status, types]) => [
        status,
        { $ref: `#/components/responses/${this.#nameOf(status, types)}` },
      ]),
    );

  #nameOf(status: number, types: ErrorType[]): string {
    const key = types.join(" ");
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const others = [...this.#names.values()].filter((name) => name.startsWith(`Problem${status}`)).length;
    const name = `Problem${status}${others === 0 ? "" : `_${others + 1}`}`;
    this.#names.set(key, name);
    this.components[name] = refusal(status, types);
    return name;
  }
}

function refusal(status: number, types: ErrorType[]): Json {
  const retryAfter = { "Retry-After": { description: "Seconds", schema: { type: "integer" } } };
  const narrowed = { properties: { code: { enum: types }, status: { const: status } } };
  return {
    description: `\`${types.join("`, `")}\``,
    ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
    content: {
      "application/problem+json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, narrowed] },
      },
    },
  };
}
