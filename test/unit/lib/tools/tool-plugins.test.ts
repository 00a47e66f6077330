import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { parametersForModel } from "../../../../lib/tools/check-tool.ts";
import { loadTools } from "../../../../lib/tools/tool-plugins.ts";
import { tryImport } from "../../../../lib/tools/try-import.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-plugins-"));
  await mkdir(join(folder, "built-in", "files", "rooms"), { recursive: true });
  await mkdir(join(folder, "own"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const load = (platform: NodeJS.Platform = "linux") =>
  loadTools({ pluginFolder: join(folder, "own"), builtInFolder: join(folder, "built-in"), platform });

/** The text of a plugin; what is given wins over what a good one has. */
function plugin(fields: Record<string, string> = {}): string {
  const all = {
    name: '"own_tool"',
    description: '"Says hello."',
    risk: '"read"',
    runsOn: '"node"',
    parameters: '{ type: "object", properties: { who: { type: "string" } }, required: ["who"] }',
    execute: "async ({ who }) => ({ ok: true, data: who })",
    ...fields,
  };
  return `export default { ${Object.entries(all)
    .map(([name, text]) => `${name}: ${text}`)
    .join(", ")} };`;
}
const own = (name: string, text: string) => writeFile(join(folder, "own", name), text);
const builtIn = (path: string, text: string) => writeFile(join(folder, "built-in", path), text);

describe("loading tool plugins", () => {
  test("a user's plugin with a JSON Schema is a tool that checks its arguments and refuses unknown ones", async () => {
    await own("hello.mjs", plugin());
    const { tools, bad } = await load();
    expect(bad).toEqual([]);
    const [tool] = tools;
    expect(tool).toMatchObject({ name: "own_tool", category: "plugins", risk: "read" });
    expect(tool?.parameters.safeParse({ who: "Ada" }).success).toBe(true);
    expect(tool?.parameters.safeParse({}).success).toBe(false);
    expect(tool?.parameters.safeParse({ who: "Ada", more: 1 }).success).toBe(false);
  });

  test("a JSON Schema that allows unknown arguments is closed all the same", async () => {
    const allowing = (more: string) =>
      plugin({ name: `"t_${more.length}"`, parameters: `{ type: "object", additionalProperties: ${more} }` });
    await own("open.mjs", allowing("true"));
    await own("strings.mjs", allowing('{ type: "string" }'));
    const { tools } = await load();
    expect(tools.map(({ parameters }) => parameters.safeParse({ more: "x" }).success)).toEqual([
      false,
      false,
    ]);
  });

  test("a TypeScript plugin is loaded as it is", async () => {
    await own("typed.ts", `const name: string = "typed_tool";\n${plugin({ name: "name as string" })}`);
    expect((await load()).tools.map(({ name }) => name)).toEqual(["typed_tool"]);
  });

  test("files in a category are tools, what lies in its sub-folders is not", async () => {
    await builtIn("files/one.ts", plugin({ name: '"one_tool"', category: '"files"' }));
    await builtIn("files/rooms/room.ts", "throw new Error('rooms are not loaded');");
    const { tools, bad } = await load();
    expect(tools.map(({ name }) => name)).toEqual(["one_tool"]);
    expect(bad).toEqual([]);
  });

  test("a bad plugin is named with what is wrong with it and the others are loaded", async () => {
    await own("1-throws.mjs", "throw new Error('no such thing');");
    await own("2-syntax.mjs", "export default {");
    await own("3-nothing.mjs", "export const x = 1;");
    await own("4-name.mjs", plugin({ name: '"Not A Name"' }));
    await own("5-risk.mjs", plugin({ risk: '"none"' }));
    await own("6-execute.mjs", plugin({ execute: "1" }));
    await own("7-parameters.mjs", plugin({ parameters: '{ type: "array" }' }));
    await own("8-description.mjs", plugin({ description: '" "' }));
    await own("9-good.mjs", plugin());
    const { tools, bad } = await load();
    expect(tools.map(({ name }) => name)).toEqual(["own_tool"]);
    expect(bad).toHaveLength(8);
    const problem = (file: string) => bad.find((plugin) => plugin.file.endsWith(file))?.problem;
    expect(problem("1-throws.mjs")).toContain("no such thing");
    expect(problem("3-nothing.mjs")).toContain("default export");
    expect(problem("4-name.mjs")).toContain("name: must be lower case");
    expect(problem("5-risk.mjs")).toContain("risk");
    expect(problem("6-execute.mjs")).toContain("execute: must be a function");
    expect(problem("7-parameters.mjs")).toContain("parameters");
    expect(problem("8-description.mjs")).toContain("must say what the tool does");
  });

  test("a name that is taken stays with the built-in tool", async () => {
    await builtIn("files/first.ts", plugin({ description: '"The built-in one."' }));
    await own("second.mjs", plugin({ description: '"The other one."' }));
    const { tools, bad } = await load();
    expect(tools.map(({ description }) => description)).toEqual(["The built-in one."]);
    expect(bad[0]?.problem).toContain('the name "own_tool" is taken by');
  });

  test("a tool is loaded only on the platforms it lists", async () => {
    await own("mac.mjs", plugin({ platforms: '["darwin"]' }));
    expect((await load("linux")).tools).toEqual([]);
    expect((await load("darwin")).tools).toHaveLength(1);
  });

  test("a plugin that ends the process, exhausts memory or throws later is skipped, and the server lives", async () => {
    await own("1-exit.mjs", "process.exit(1);");
    await own("2-memory.mjs", "const all = []; for (;;) all.push(new Array(1e6).fill(all.length));");
    await own("3-good.mjs", plugin());
    const { tools, bad } = await load();
    expect(tools.map(({ name }) => name)).toEqual(["own_tool"]);
    expect(bad.map(({ problem }) => problem)).toEqual([
      "1-exit.mjs: it ends its process when it is imported",
      expect.stringContaining("memory"),
    ]);
  });

  test("an import that never ends is given up, also when it keeps its thread busy", async () => {
    await own("busy.mjs", "for (;;);");
    await own("waits.mjs", "await new Promise(() => setInterval(() => {}, 1000));");
    for (const name of ["busy.mjs", "waits.mjs"])
      await expect(tryImport(pathToFileURL(join(folder, "own", name)).href, 300)).rejects.toThrow(
        "does not end",
      );
  });

  test("what cannot be a plugin is named, what lies beside plugins is not", async () => {
    await mkdir(join(folder, "own", "folder.ts"));
    await mkdir(join(folder, "own", "node_modules"));
    await own("script.py", "print(1)");
    await own("README.md", "about my tools");
    await own("types.d.ts", "");
    await symlink(join(folder, "nowhere"), join(folder, "own", "dangling.mjs"));
    await symlink(join(folder, "built-in"), join(folder, "own", "linked.mjs"));
    await writeFile(join(folder, "good.mjs"), plugin());
    await symlink(join(folder, "good.mjs"), join(folder, "own", "good-linked.mjs"));
    const { tools, bad } = await load();
    expect(tools).toEqual([]);
    expect(bad.map(({ file }) => basename(file))).toEqual([
      "dangling.mjs",
      "folder.ts",
      "good-linked.mjs",
      "linked.mjs",
      "script.py",
    ]);
  });

  test("neither a FIFO, a device, a socket, a link to one, nor a huge file is opened for long", async () => {
    const at = (name: string) => join(folder, "own", name);
    execFileSync("mkfifo", [at("fifo.mjs"), join(folder, "fifo")]);
    await symlink(join(folder, "fifo"), at("to-fifo.mjs"));
    await symlink("/dev/zero", at("zero.mjs"));
    await own("huge.mjs", "");
    await truncate(at("huge.mjs"), 3_000_000_000);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at("socket.mjs"), () => resolve()));
    // Only root can make one.
    const isDevice = spawnSync("mknod", [at("device.mjs"), "c", "1", "5"]).status === 0;
    await own("good.mjs", plugin());
    const { tools, bad } = await load();
    server.close();
    expect(tools.map(({ name }) => name)).toEqual(["own_tool"]);
    expect(bad.map(({ problem }) => problem)).toEqual([
      ...(isDevice ? ["device.mjs: it is no regular file"] : []),
      "fifo.mjs: it is no regular file",
      "huge.mjs: it has 3000000000 bytes; a plugin has at most 5242880",
      "socket.mjs: it is no regular file",
      "to-fifo.mjs: it is a link; put the file itself here",
      "zero.mjs: it is a link; put the file itself here",
    ]);
  });

  test("one that replaces what the whole process uses is skipped, and it is put back", async () => {
    const parse = JSON.parse;
    await own("1-json.mjs", `JSON.parse = () => ({}); ${plugin({ name: '"one_tool"' })}`);
    await own(
      "2-later.mjs",
      `import { isMainThread } from "node:worker_threads";
      if (isMainThread) Array.prototype.map = () => []; ${plugin({ name: '"two_tool"' })}`,
    );
    await own("3-object.mjs", `Object.prototype.polluted = true; ${plugin({ name: '"three_tool"' })}`);
    await own("4-gone.mjs", `delete globalThis.structuredClone; ${plugin({ name: '"four_tool"' })}`);
    await own("5-adds.mjs", `globalThis.ownLibrary = {}; ${plugin({ name: '"five_tool"' })}`);
    const { tools, bad } = await load();
    expect(tools.map(({ name }) => name)).toEqual(["five_tool"]);
    expect(bad.map(({ problem }) => /it changes ([\w.]+)/.exec(problem)?.[1])).toEqual([
      "JSON.parse",
      "Array.prototype.map",
      "Object.prototype.polluted",
      "structuredClone",
    ]);
    expect([JSON.parse === parse, [1].map((n) => n), "polluted" in {}]).toEqual([true, [1], false]);
  });

  test("a plugin folder that cannot be read is named and is no reason not to start", async () => {
    const file = join(folder, "own", "file");
    await own("file", "");
    const { bad } = await loadTools({ pluginFolder: file, builtInFolder: join(folder, "built-in") });
    expect(bad).toEqual([{ file, problem: expect.stringContaining("it cannot be read") }]);
  });

  test("no plugin folder means no plugins", async () => {
    await rm(join(folder, "own"), { recursive: true });
    expect(await load()).toEqual({ tools: [], bad: [], reserved: new Set() });
  });
});

describe("the built-in tools", () => {
  test("all load, on Linux and on a Mac", async () => {
    for (const platform of ["linux", "darwin"] as const) {
      const { tools, bad } = await loadTools({ pluginFolder: join(folder, "own"), platform });
      expect(bad).toEqual([]);
      expect(tools.map(({ name }) => name)).toContain("execute_shell_command");
    }
  });

  test("a plugin has no name of ours, nor one that only another system has", async () => {
    const file = join(folder, "own", "mine.mjs");
    await own("mine.mjs", plugin({ name: '"capture_screenshot"' }));
    const { tools, bad, reserved } = await loadTools({
      pluginFolder: join(folder, "own"),
      platform: "linux",
    });
    expect(tools.map(({ name }) => name)).not.toContain("capture_screenshot");
    expect(bad).toEqual([{ file, problem: expect.stringContaining('"capture_screenshot" is taken') }]);
    expect(reserved.has("capture_screenshot")).toBe(true);
  });

  test("each refuses unknown arguments, here and by the schema that models see", async () => {
    const { tools } = await loadTools({ pluginFolder: join(folder, "own") });
    for (const { name, parameters } of tools) {
      const schema = parametersForModel(parameters);
      expect({ name, closed: schema.additionalProperties }).toEqual({ name, closed: false });
      const again = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
      expect(again.safeParse({ surely_unknown: 1 }).success).toBe(false);
    }
  });
});
