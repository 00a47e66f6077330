import { describe, expect, test } from "@jest/globals";
import { autostartPaths, type Machine, whyAsked, whyCallAsked } from "../../../../lib/tools/self-starting.ts";

const LINUX: Machine = { home: "/home/ada", roots: ["/home/ada"] };
const MAC: Machine = { home: "/Users/ada", roots: ["/Users/ada"] };
const DISK: Machine = { home: "/root", roots: ["/"] };

const asked = (path: string, machine: Machine) => whyAsked(path, machine) !== undefined;

describe("places whose files run by themselves", () => {
  test.each([
    ["/home/ada/.bashrc", LINUX],
    ["/home/ada/.profile", LINUX],
    ["/home/ada/.gitconfig", LINUX],
    ["/home/ada/.config/autostart/x.desktop", LINUX],
    ["/home/ada/.config/systemd/user/macjarvis.service", LINUX],
    ["/home/ada/.ssh/rc", LINUX],
    ["/home/ada/.local/bin/git", LINUX],
    ["/home/ada/bin/x", LINUX],
    ["/home/ada/bin", LINUX],
    ["/home/ada/BIN/x", LINUX],
    ["/home/ada/work/.git/hooks/pre-commit", LINUX],
    ["/home/ada/work/.GIT/config", LINUX],
    ["/home/ada/work/.git", LINUX],
    ["/home/ada/mirror.git/hooks/post-receive", LINUX],
    ["/home/ada/work/.envrc", LINUX],
    ["/home/ada/work/.husky/pre-push", LINUX],
    ["/home/ada/work/.vscode/tasks.json", LINUX],
    ["/home/ada/go/bin/gopls", LINUX],
    ["/home/ada/node_modules/.bin/tsc", LINUX],
    ["/home/ada/miniconda3/bin/python", LINUX],
    ["/home/ada/miniconda3/etc/profile.d/conda.sh", LINUX],
    ["/Users/ada/Applications/Safe.app/Contents/MacOS/Safe", MAC],
    ["/Users/ada/Library/pnpm/git", MAC],
    ["/home/ada/work/.cargo/config.toml", LINUX],
    ["/home/ada/work/.yarn/releases/yarn.cjs", LINUX],
    ["/home/ada/work/.exrc", LINUX],
    ["/home/ada/work/.gdbinit", LINUX],
    ["/home/ada/work/.hg/hgrc", LINUX],
    ["/home/ada/work/lefthook.yml", LINUX],
    ["/home/ada/work/.claude/settings.json", LINUX],
    ["/home/ada/work/.mcp.json", LINUX],
    ["/home/ada/work/.DevContainer.json", LINUX],
    ["/Users/ada/Library/LaunchAgents/x.plist", MAC],
    ["/Users/ada/library/launchagents/x.plist", MAC],
    ["/Users/ada/.zsh\u200cenv", MAC],
    ["/root/.bashrc", DISK],
    ["/home/bob/.bashrc", DISK],
    ["/Users/bob/.zshrc", DISK],
    ["/etc/cron.d/x", DISK],
    ["/etc/profile.d/x.sh", DISK],
    ["/etc/systemd/system/macjarvis.service", DISK],
    ["/var/spool/cron/crontabs/ada", DISK],
    ["/usr/local/bin/git", DISK],
    ["/Library/LaunchDaemons/x.plist", DISK],
  ])("%s is asked about", (path, machine) => {
    expect(asked(path, machine)).toBe(true);
  });

  test.each([
    ["/home/ada/notes.txt", LINUX],
    ["/home/ada/work/.hidden", LINUX],
    ["/home/ada/work/package.json", LINUX],
    ["/home/ada/work/Makefile", LINUX],
    ["/home/ada/work/bin/x", LINUX],
    ["/home/ada/work/.gitignore", LINUX],
    ["/home/ada/work/git/config", LINUX],
    ["/home/ada/binary", LINUX],
    ["/home/ada/work/go/bin/x", LINUX],
    ["/home/ada/go/src/x.go", LINUX],
    ["/home/ada/work/node_modules/.bin/tsc", LINUX],
    ["/home/ada/miniconda3/notes", LINUX],
    ["/home/ada/work/mise.md", LINUX],
    ["/Users/ada/Library/Mobile Documents/x", MAC],
    ["/srv/data/x", DISK],
    ["/tmp/x", DISK],
    ["/home/bob/notes", DISK],
  ])("%s is not", (path, machine) => {
    expect(asked(path, machine)).toBe(false);
  });

  test("a folder that was made a root itself is written as any other, save what starts by itself in it", () => {
    const machine = { home: "/home/ada", roots: ["/home/ada/.workspace", "/usr/local/src", "/home/ada/bin"] };
    expect(asked("/home/ada/.workspace/notes", machine)).toBe(false);
    expect(asked("/usr/local/src/notes", machine)).toBe(false);
    expect(asked("/home/ada/.workspace/.git/config", machine)).toBe(true);
    expect(asked("/home/ada/bin/x", machine)).toBe(true);
  });

  test("autostart folders are named by absolute paths, and need an absolute home", () => {
    expect(autostartPaths("/Users/ada")).toContain("/Users/ada/Library/LaunchAgents");
    expect(() => autostartPaths("ada")).toThrow("absolute");
  });
});

describe("a call", () => {
  const why = (args: unknown, changes = ["path", "to", "paths"]) => whyCallAsked({ changes }, args, LINUX);

  test("is asked about by any of the arguments that name what it changes, however the path is written", () => {
    for (const path of [
      "~/.bashrc",
      ".bashrc",
      "work/../.bashrc",
      "/home/ada/./.bashrc",
      "~/work/.git/hooks/x",
    ])
      expect(why({ path })).toContain(`"${path}" is`);
    expect(why({ path: "notes", to: "~/bin/x" })).toContain('"~/bin/x"');
    expect(why({ paths: ["notes", "~/.profile"] })).toContain('"~/.profile"');
  });

  test("is not for what it only reads, and says why in words", () => {
    expect(why({ from: "~/.bashrc", path: "notes" })).toBeUndefined();
    expect(why({ path: "~/.bashrc" }, [])).toBeUndefined();
    expect(why({ path: 7 })).toBeUndefined();
    expect(why({ path: "~/.bashrc" })).toBe(
      '"~/.bashrc" is among the hidden files of the home folder: they say what runs at login and how programs behave, outside of the sandbox. So it is asked about every time, whatever was remembered.',
    );
  });
});
