// Against the documented formats of launchd.plist(5) and systemd.service(5), and with stand-ins that record what they are called with.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { nodeFolder } from "../../../../mac-node/program/folder.ts";
import { install, lingers, serviceFor, uninstall } from "../../../../mac-node/program/install/install.ts";
import {
  NODE_FLAGS,
  type ServiceSettings,
  type SystemService,
} from "../../../../mac-node/program/install/service.ts";
import { programRunner, type RunProgram } from "../../../../mac-node/program/run-program.ts";

let base = "";
let settings: ServiceSettings;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-install-"));
  settings = {
    userHome: join(base, "home"),
    userId: 501,
    userName: "joe",
    folder: nodeFolder(join(base, `a & <b> "c" 100%`)),
    executable: "/opt/homebrew/bin/node",
    flags: NODE_FLAGS,
    program: "/Users/joe/Mac Jarvis/bin/node.ts",
  };
});
afterEach(() => rmSync(base, { recursive: true }));

const of = (platform: NodeJS.Platform): SystemService => {
  const service = serviceFor(platform, settings);
  if (!service) throw new Error("none");
  return service;
};

/** Runs stand-ins of the same names in place of the system's programs: each writes down its argv, and fails if told so. */
function standIns(fails: Record<string, string> = {}): { run: RunProgram; ran: () => string[][] } {
  const record = join(base, "record");
  const bin = join(base, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of ["launchctl", "systemctl", "loginctl"])
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\nfor word in ${name} "$@"; do printf '%s\\0' "$word" >> '${record}'; done; printf '\\n' >> '${record}'\n${Object.entries(
        fails,
      )
        .map(([verb, said]) => `case " $* " in *" ${verb} "*) echo '${said}' >&2; exit 5;; esac`)
        .join("\n")}\necho no\n`,
      { mode: 0o755 },
    );
  const real = programRunner();
  return {
    run: ([program = "", ...args], input) =>
      real([join(bin, program.split("/").at(-1) ?? ""), ...args], input),
    ran: () =>
      readFileSync(record, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split("\0").slice(0, -1)),
  };
}

describe("on macOS", () => {
  test("the agent has the documented keys, with every value escaped", () => {
    const { path, text } = of("darwin");
    expect(path).toBe(join(base, "home/Library/LaunchAgents/com.macjarvis.node.plist"));
    expect(text).toContain("<string>/opt/homebrew/bin/node</string>");
    expect(text).toContain("<string>/Users/joe/Mac Jarvis/bin/node.ts</string>\n    <string>serve</string>");
    expect(text).toContain("a &amp; &lt;b&gt; &quot;c&quot; 100%</string>");
    expect(text).toMatch(/<key>KeepAlive<\/key>\s*<dict>\s*<key>SuccessfulExit<\/key>\s*<false\/>/);
    expect(text).toMatch(/<key>RunAtLoad<\/key>\s*<true\/>/);
    // Well-formed: every element that opens is closed.
    const open = [...text.matchAll(/<(\w+)(?: [^>]*)?>/g)].map(([, name]) => name).toSorted();
    const closed = [...text.matchAll(/<\/(\w+)>/g)].map(([, name]) => name).toSorted();
    expect(closed).toEqual(open);
  });

  test("an agent that is there is taken out before it is brought in anew", async () => {
    // What launchctl says of one that is not loaded.
    const { run, ran } = standIns({ bootout: "Boot-out failed: 3: No such process" });
    const service = of("darwin");
    const done = await install(service, settings.folder, run);
    expect(done.failed).toBeUndefined();
    expect(readFileSync(service.path, "utf8")).toBe(service.text);
    expect(ran()).toEqual([
      ["launchctl", "bootout", "gui/501/com.macjarvis.node"],
      ["launchctl", "enable", "gui/501/com.macjarvis.node"],
      ["launchctl", "bootstrap", "gui/501", service.path],
    ]);
    expect(statSync(settings.folder.log).isDirectory()).toBe(true);
  });

  test("where launchd refuses, the command and its words are told", async () => {
    const { run } = standIns({
      bootstrap: "Bootstrap failed: 125: Domain does not support specified action",
    });
    const { failed } = await install(of("darwin"), settings.folder, run);
    expect(failed).toMatchObject({
      argv: ["/bin/launchctl", "bootstrap", "gui/501", expect.any(String)],
      said: "Bootstrap failed: 125: Domain does not support specified action",
    });
  });

  test("is taken out and its file removed; a second time there is nothing to do", async () => {
    const { run, ran } = standIns();
    const service = of("darwin");
    await install(service, settings.folder, run);
    expect(await uninstall(service, run)).toMatchObject({ failed: undefined });
    expect(existsSync(service.path)).toBe(false);
    expect(ran().at(-1)).toEqual(["launchctl", "bootout", "gui/501/com.macjarvis.node"]);
    expect(await uninstall(service, run)).toBeUndefined();
  });
});

describe("on Linux", () => {
  test("the unit is restarted when it fails, and what systemd would replace is doubled", () => {
    const { path, text } = of("linux");
    expect(path).toBe(join(base, "home/.config/systemd/user/macjarvis-node.service"));
    expect(text).toContain(
      'ExecStart="/opt/homebrew/bin/node" "--max-semi-space-size=1" "--efficiency-mode" "--optimize-for-size" "/Users/joe/Mac Jarvis/bin/node.ts" "serve" "--service"',
    );
    expect(text).toContain(String.raw`a & <b> \"c\" 100%%"`);
    expect(text).toContain("Restart=on-failure");
    expect(text).toContain("WantedBy=default.target");
  });

  test("is enabled and started anew, disabled and stopped", async () => {
    const { run, ran } = standIns();
    const service = of("linux");
    await install(service, settings.folder, run);
    await uninstall(service, run);
    expect(ran()).toEqual([
      ["systemctl", "--user", "daemon-reload"],
      ["systemctl", "--user", "enable", "macjarvis-node.service"],
      ["systemctl", "--user", "restart", "macjarvis-node.service"],
      ["systemctl", "--user", "disable", "--now", "macjarvis-node.service"],
      ["systemctl", "--user", "daemon-reload"],
    ]);
    expect(await lingers("linux", settings, run)).toBe(false);
    expect(ran().at(-1)).toEqual(["loginctl", "show-user", "joe", "--property=Linger", "--value"]);
    expect(await lingers("darwin", settings, run)).toBeUndefined();
  });
});

test("other systems have none", () => {
  expect(serviceFor("freebsd", settings)).toBeUndefined();
});
