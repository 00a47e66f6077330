// Applications of a Mac, by a folder that looks like one.
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { installedApplications } from "../../../../../plugins/tools/apps/applications/installed.ts";
import { openApplication } from "../../../../../plugins/tools/apps/applications/open-application.ts";
import { detailsOf, parseDetails } from "../../../../../plugins/tools/apps/applications/versions.ts";
import listApplications from "../../../../../plugins/tools/apps/list-applications.ts";
import openApp from "../../../../../plugins/tools/apps/open-app.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { onMac } from "./mac-commands.ts";

let context: TestContext;
let home = "";
beforeEach(async () => {
  context = await toolContext();
  home = join(context.root, "Users/ada");
  const bundles = [
    "Applications/Visual Studio Code.app",
    "Applications/Utilities/Terminal.app",
    "Applications/Suite/Inner/Deep.app",
    "Applications/Notes.app",
    "System/Applications/Notes.app",
    "System/Applications/Café.app".normalize("NFD"),
    "Users/ada/Applications/Own.app",
    "Users/ada/Downloads/Evil.app",
  ];
  for (const bundle of bundles) await mkdir(join(context.root, bundle, "Contents"), { recursive: true });
  await writeFile(join(context.root, "Applications/readme.txt"), "");
  await symlink("/nowhere", join(context.root, "Applications/Safari.app"));
});
afterEach(() => context.remove());

const open = (name: string, answers: Parameters<typeof onMac>[1] = { "/usr/bin/open": () => ({}) }) => {
  const mac = { ...onMac(context, answers), home };
  return { mac, opened: openApplication(mac, name, context.root) };
};

describe("list_applications", () => {
  test("finds what is in the application folders and in those within them, once each", async () => {
    const found = await installedApplications(home, context.root);
    expect(found.map(({ name }) => name.normalize("NFC"))).toEqual([
      "Café",
      "Finder",
      "Notes",
      "Own",
      "Safari",
      "Terminal",
      "Visual Studio Code",
    ]);
    expect(found.find(({ name }) => name === "Notes")?.path).toBe(
      join(context.root, "Applications/Notes.app"),
    );
  });

  test("is no failure where a folder is missing", async () => {
    expect((await installedApplications("/nowhere", "/nowhere")).map(({ name }) => name)).toEqual(["Finder"]);
  });

  test("knows versions by mdls, whose raw values are parted by NULs", async () => {
    const stdout = "4.11\0com.apple.Notes\0\0com.example.own";
    expect(parseDetails(stdout, 2)).toEqual([
      { version: "4.11", bundle_id: "com.apple.Notes" },
      { version: null, bundle_id: "com.example.own" },
    ]);
    expect(parseDetails(`${stdout}\0`, 2)).toEqual(parseDetails(stdout, 2));
    const mac = onMac(context, { "/usr/bin/mdls": () => ({ stdout }) });
    expect(await detailsOf(mac, ["/A.app", "/B.app"])).toHaveLength(2);
    expect(mac.ran[0]?.argv.slice(-5)).toEqual(["-raw", "-nullMarker", "", "/A.app", "/B.app"]);
  });

  test.each(["", "/A.app: could not find /A.app.\n", "1.0\0com.a\0more", "\0\0\0\0\0"])(
    "knows no version where mdls prints %j",
    (stdout) => {
      expect(parseDetails(stdout, 2)).toEqual([
        { version: null, bundle_id: null },
        { version: null, bundle_id: null },
      ]);
    },
  );

  test("asks mdls about many in several command lines", async () => {
    const stdout = (argv: string[]) =>
      argv
        .slice(8)
        .map((path) => `1\0${path}`)
        .join("\0");
    const mac = onMac(context, { "/usr/bin/mdls": (argv) => ({ stdout: stdout(argv) }) });
    const paths = Array.from({ length: 450 }, (_, n) => `/${n}.app`);
    const details = await detailsOf(mac, paths);
    expect(mac.ran).toHaveLength(3);
    expect(details.map(({ bundle_id }) => bundle_id)).toEqual(paths);
  });
});

describe("open_app", () => {
  test.each(["notes", "NOTES.app", " Notes "])("opens %j by the path at which it was found", async (name) => {
    const { mac, opened } = open(name);
    const path = join(context.root, "Applications/Notes.app");
    expect(await opened).toEqual({ opened: { name: "Notes", path } });
    expect(mac.ran.map(({ argv }) => argv)).toEqual([["/usr/bin/open", "-a", path]]);
  });

  test("takes a name however its accents are written", async () => {
    expect((await open("café").opened).opened.path).toContain("System/Applications");
  });

  test.each(["Evil", "Deep", "-b com.apple.Terminal", "..", "/bin/sh", dirname("/x/y")])(
    "does not open %j, which is in no application folder",
    async (name) => {
      const { mac, opened } = open(name);
      await expect(opened).rejects.toMatchObject({ code: "not_installed" });
      expect(mac.ran).toEqual([]);
    },
  );

  test("names what is like it", async () => {
    await expect(open("Visual Studio").opened).rejects.toThrow("There is: Visual Studio Code.");
  });

  test("tells what open says", async () => {
    const stderr =
      "The application /Applications/Notes.app cannot be opened for an unexpected reason, error=-10827\n";
    const { opened } = open("Notes", { "/usr/bin/open": () => ({ exit_code: 1, stderr }) });
    await expect(opened).rejects.toThrow("Opening Notes did not work: The application");
  });
});

test("both are of macOS alone, and take what they name", () => {
  expect([openApp.platforms, listApplications.platforms]).toEqual([["darwin"], ["darwin"]]);
  for (const args of [
    {},
    { name: "" },
    { name: "/tmp/Evil.app" },
    { name: "x".repeat(201) },
    { name: "a", x: 1 },
  ])
    expect(openApp.parameters.safeParse(args).success).toBe(false);
  expect(listApplications.parameters.safeParse({ x: 1 }).success).toBe(false);
});
