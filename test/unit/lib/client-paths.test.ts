// The typed client has every route of the gateway that answers JSON, and no other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROUTES } from "../../../services/api/routes.ts";

/** Streams, files as they are, what is for programs that look after a server, and what a Mac itself signs. */
const NOT_FOR_PEOPLE =
  /^(POST \/agent\/chat|GET \/agent\/runs\/\{run_id\}\/events|GET \/events|POST \/files|GET \/files\/\{id\}\/content|GET \/openapi\.json|GET \/health\/.*|POST \/nodes\/(pairings\/redeem|\{id\}\/(credentials|leave)))$/;

test("the client's paths are those of the route table", () => {
  const source = readFileSync(join(import.meta.dirname, "../../../lib/client/paths.ts"), "utf8");
  const named = [...source.matchAll(/^ {2}"([A-Z]+ [^"]+)":/gm)].map((match) => match[1] ?? "");
  const served = ROUTES.filter(({ door = "api" }) => door === "api")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`)
    .filter((name) => !NOT_FOR_PEOPLE.test(name));
  expect(named.toSorted()).toEqual(served.toSorted());
});
