// What the node gives the developer tools, without a sandbox: its real way of running commands, in a temporary root.
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NOWHERE } from "../../../../../contracts/hosts.ts";
import type { ToolContext } from "../../../../../contracts/tools.ts";
import { openContext } from "../../../../../mac-node/calls/tool-context.ts";
import { ControlGroups } from "../../../../../mac-node/sandbox/control-groups.ts";

export type DeveloperContext = ToolContext & { root: string; remove(): Promise<void> };

/** The folder `jarvis` in the root is hidden. */
export async function developerContext(): Promise<DeveloperContext> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-developer-")));
  await mkdir(join(root, "jarvis"));
  const { context, end } = openContext({
    callId: `call_developer_${process.pid}`,
    machine: {
      platform: process.platform,
      sandbox: { state: "off" },
      dieWithServer: [],
      groups: new ControlGroups(),
      roots: [root],
      userHome: root,
    },
    guarded: { hidden: [join(root, "jarvis")], protected: [], links: [] },
    workFolder: root,
    approved: false,
    deadlineAt: Date.now() + 60_000,
    reach: NOWHERE,
    signal: new AbortController().signal,
    publish: () => {},
    started: () => {},
  });
  return {
    ...context,
    root,
    async remove() {
      await end();
      await rm(root, { recursive: true, force: true });
    },
  };
}
