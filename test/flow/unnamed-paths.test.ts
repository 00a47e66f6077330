// No action is reached over HTTP but by the route table (G16): moleculer-web, left to its defaults, maps every path to the action
// of that name. All actions that the broker really has × spellings of their names as a path × methods.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { fullPath, ROUTES } from "../../services/api/routes.ts";
import { someSpellingsOf, spellingsOf } from "../support/path-spellings.ts";
import { type Gateway, startGateway } from "../support/unnamed-paths.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe("G16 a path that the route table does not name is 404", () => {
  test("and no action of ours may be published by a gateway at all", () => {
    const actions = gateway.server.broker.registry.getActionList({}) as {
      name: string;
      action: { visibility?: string };
    }[];
    const published = actions.filter(
      ({ action }) => !/^(public|protected|private)$/.test(action.visibility ?? ""),
    );
    expect(published.map(({ name }) => name)).toEqual([]);
  });

  // Each action in every spelling: test/chaos/every-spelling.test.ts.
  test("for every action that there is in some spellings, and for those that were reached once in every one", async () => {
    expect(gateway.names().length).toBeGreaterThan(50);
    const some = gateway.names().flatMap(someSpellingsOf);
    const every = ["users.login", "users.register", "users.resolveToken", "quota.plans"].flatMap(spellingsOf);
    expect(await gateway.wrongAnswers([...some, ...every], ["GET", "POST"])).toEqual([]);
  });

  test("for every action that there is, with every method", async () => {
    const paths = gateway
      .names()
      .flatMap((name) => [`/${name}`, `/${name.replaceAll(".", "/")}`, `/api/v1/${name}`]);
    expect(await gateway.wrongAnswers(paths, METHODS)).toEqual([]);
  });

  test("for what Moleculer and its gateway have inside", async () => {
    const inside = ["node.list", "node.services", "node.actions", "node.options", "node.health"];
    const paths = [...inside.flatMap((name) => [`~${name}`, `$${name}`]), "api.rest", "api.listAliases"];
    const more = ["api.addRoute", "api.removeRoute", "list-aliases", "api/list-aliases"];
    expect(await gateway.wrongAnswers([...paths, ...more].flatMap(spellingsOf), ["GET", "POST"])).toEqual([]);
  });

  test("for every route of the table in any other spelling", async () => {
    const others = ROUTES.filter(({ door = "api" }) => door === "api").flatMap(({ path }) => {
      const real = path.replace(/:\w+/g, "x");
      return [`/api/v1${real}/`, `/api/v1${real.toUpperCase()}`, `/API/v1${real}`, `/api//v1${real}`, real];
    });
    expect(await gateway.wrongAnswers(others, METHODS)).toEqual([]);
  });

  test("for every path of the other doors in any other spelling", async () => {
    const others = ROUTES.filter(({ door = "api" }) => door !== "api").flatMap((route) => {
      const real = fullPath(route).replace(/[:*]\w+/g, "x");
      return [`${real}/`, real.toUpperCase(), `/api/v1${real}`, `/${real}`, `/x${real}`];
    });
    expect(await gateway.wrongAnswers(others, METHODS)).toEqual([]);
  });
});
