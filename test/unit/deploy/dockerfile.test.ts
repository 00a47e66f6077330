import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { DockerfileParser, type JSONInstruction } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { ROOT, textOf } from "../../support/deploy-files.ts";

const text = textOf("Dockerfile");
const dockerfile = DockerfileParser.parse(text);
const all = (keyword: string) =>
  dockerfile.getInstructions().filter((instruction) => instruction.getKeyword() === keyword);
const last = (keyword: string) => all(keyword).at(-1)?.getArgumentsContent() ?? "";
const words = (keyword: string) =>
  (all(keyword).at(-1) as JSONInstruction | undefined)?.getJSONStrings().map((word) => word.getJSONValue()) ??
  [];

describe("the Dockerfile", () => {
  test("is one that a builder takes", () => {
    expect(validate(text)).toEqual([]);
  });

  test("has the Node of package.json, pinned, in every stage", () => {
    const { dependencies } = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string> };
    expect(last("ARG")).toBe(`NODE_IMAGE=node:${dependencies.node}-bookworm-slim`);
    expect(all("FROM").length).toBe(2);
    for (const from of all("FROM"))
      expect(from.getArgumentsContent()).toMatch(/^\$\{NODE_IMAGE\}( AS \w+)?$/);
  });

  test("runs as a plain user, by number, from where on nothing is installed", () => {
    expect(last("USER")).toBe("1000:1000");
    const names = dockerfile.getInstructions().map((instruction) => instruction.getKeyword());
    expect(names.slice(names.lastIndexOf("USER"))).not.toContain("RUN");
  });

  test("starts what npm start starts, below a first process that passes signals on", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    expect(words("ENTRYPOINT")).toEqual(["/usr/bin/tini", "--"]);
    expect(words("CMD").join(" ")).toBe(scripts.start?.replace(/^exec /, ""));
    expect(last("STOPSIGNAL")).toBe("SIGTERM");
  });

  test("asks for its health without a shell and without a program that the image has not", () => {
    expect(last("HEALTHCHECK")).toContain('CMD ["node", "-e", "fetch(');
  });

  test("copies what the program runs on, and nothing else can get in", () => {
    const rules = textOf(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules[0]).toBe("*");
    const allowed = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
    expect(allowed.toSorted()).toEqual([
      ...["LICENSE", "bin", "contracts", "lib", "mac-node", "mixins", "moleculer.config.ts"],
      ...["package-lock.json", "package.json", "plugins", "services", "web"],
    ]);
    for (const name of allowed) expect(existsSync(join(ROOT, name))).toBe(true);
  });
});
