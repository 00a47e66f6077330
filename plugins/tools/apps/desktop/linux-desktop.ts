// The desktop of a Linux machine, as far as tools reach it: the session that the server was started in, and programs that go on when
// the call is over, because the person goes on with them (a browser, or whoever holds the clipboard).
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { desktopSession } from "../../../../lib/env.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

/** Variables for a program that talks to the desktop. */
export type Desktop = { variables: Record<string, string> };

/** @throws ToolFailure `no_display` where nobody sees a screen */
export function thisDesktop(): Desktop {
  const variables = desktopSession();
  if (variables.WAYLAND_DISPLAY || variables.DISPLAY) return { variables };
  throw new ToolFailure(
    "no_display",
    "This machine has no desktop session that MacJarvis could reach: neither WAYLAND_DISPLAY nor DISPLAY is set where it was started.",
  );
}

const PATH = "/usr/local/bin:/usr/bin:/bin:/snap/bin";

/**
 * Starts a program that may outlive the call. `context.run` would end it with the call: it gets no mark of the call, no stream of ours
 * and an environment of nothing but the desktop's.
 * @returns undefined where the program is not installed
 */
export async function startApart(
  argv: [program: string, ...args: string[]],
  { variables }: Desktop,
  { home, input }: { home: string; input?: string },
): Promise<ChildProcess | undefined> {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd: home,
    env: { PATH, HOME: home, LANG: "C.UTF-8", ...variables },
    detached: true,
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "ignore"],
  });
  try {
    await once(child, "spawn");
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return undefined;
    throw thrown;
  }
  child.unref();
  // It may end before it has read anything.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  return child;
}
