// What a sandboxed command could be after: secrets in a home folder, others who listen, another process of the same user. And the two
// servers that run commands there: one with the sandbox, and one without, which shows that an attack works where nothing holds it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CREDENTIALS } from "../../../lib/tools/credential-places.ts";
import { Client } from "../client.ts";
import { type Stack, startStack } from "../stack.ts";

/** What must not come out. */
export const LOOT = "LOOT-4711";

export type Ran = {
  ok: boolean;
  stdout: string;
  stderr: string;
  truncated: boolean;
  error?: { code: string; message: string };
};
export type Scene = {
  home: string;
  /** May be written. */
  work: string;
  /** Beside the home folder, in no root; `loot` lies in it. */
  outside: string;
  /** Of the server with the sandbox, in the home folder. */
  dataFolder: string;
  tcp: number;
  udp: number;
  /** Sockets of others: outside, in the folder of all, in the workspace; and one with an abstract name. */
  sockets: string[];
  abstractName: string;
  /** What has come to any of them. */
  heard: string[];
  /** One more who listens. */
  listen(path: string): Promise<void>;
  /** A process of the same user, with a secret in its environment. */
  victim(): number;
  isVictimAlive(): boolean;
  stack: Stack;
  /** Runs a command as its user does, with the sandbox or without. */
  run(command: string, more?: { isLoose?: boolean; timeoutS?: number; folder?: string }): Promise<Ran>;
  call(tool: string, args: Record<string, unknown>): Promise<{ ok: boolean; [key: string]: unknown }>;
  stop(): Promise<void>;
};

export async function setScene(): Promise<Scene> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-escape-")));
  const [home, outside] = [join(base, "home"), join(base, "outside")];
  const [work, dataFolder] = [join(home, "work"), join(home, "deep/jarvis")];
  for (const folder of [work, outside, dataFolder, join(home, "bin")])
    await mkdir(folder, { recursive: true });
  await writeFile(join(outside, "loot"), LOOT);
  await writeFile(join(home, ".bashrc"), "mine\n");
  // A folder and a file in turn: what is there is not said by the name.
  for (const [index, place] of CREDENTIALS.entries()) {
    const file = index % 2 === 0 ? join(home, place, "loot") : join(home, place);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${LOOT} ${place}\n`);
  }
  const abstractName = `macjarvis-escape-${process.pid}`;
  const sockets = [join(outside, "agent"), join(tmpdir(), `${abstractName}.sock`), join(work, "agent")];
  const heard: string[] = [];
  const servers: Server[] = [];
  const listen = async (...at: [number, string] | [string]) => {
    const server = createServer((socket) => {
      heard.push(String(at.at(-1)));
      socket.on("error", () => undefined).end(`${LOOT}\n`);
    });
    server.listen(...(at as [string]));
    await once(server, "listening");
    servers.push(server);
    return server.address();
  };
  for (const path of [...sockets, `\0${abstractName}`]) await listen(path);
  const { port: tcp } = (await listen(0, "0.0.0.0")) as { port: number };
  const udp = createSocket("udp4", () => heard.push("udp"));
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  const victim: ChildProcess = spawn("/bin/sleep", ["1000"], {
    ...{ env: { TOKEN: LOOT }, cwd: outside, stdio: "ignore" },
    // Whoever is after its group finds nobody else in it.
    detached: true,
  });
  const settings = { HOME: home, TOOL_ROOTS: home, SERVER_TOKEN: LOOT };
  const stack = await startStack(settings, { home: dataFolder });
  const loose = await startStack({ ...settings, SANDBOX: "off" });
  const [owner, admin] = await Promise.all([stack, loose].map(ownerOf));
  if (!owner || !admin) throw new Error("nobody owns the servers");
  return {
    ...{ home, work, outside, dataFolder, tcp, udp: udp.address().port, sockets, abstractName, heard, stack },
    listen: async (path) => void (await listen(path)),
    victim: () => victim.pid ?? 0,
    isVictimAlive: () => victim.exitCode === null && victim.signalCode === null,
    async run(command, { isLoose = false, timeoutS = 60, folder = work } = {}) {
      const args = { command, working_directory: folder, timeout_s: timeoutS };
      return execute(isLoose ? admin : owner, "execute_shell_command", args) as Promise<Ran>;
    },
    call: (tool, args) => execute(owner, tool, args),
    async stop() {
      await Promise.all([stack.stop(), loose.stop()]);
      victim.kill("SIGKILL");
      udp.close();
      for (const server of servers) server.close();
      // Node's own gives up at names that are too long together.
      await promisify(execFile)("rm", ["-rf", base]);
    },
  };
}

async function ownerOf({ server }: Stack): Promise<Client> {
  const owner = new Client(server.url, await server.ownerKey());
  const rules = [
    ...["read", "write", "execute"].map((risk) => ({ risk, decision: "allow" })),
    { host: "*", decision: "allow" },
  ];
  const { status, body } = await owner.call("PUT", "/users/me/policy", { rules });
  if (status !== 200) throw new Error(`policy: ${status} ${JSON.stringify(body)}`);
  return owner;
}

async function execute(client: Client, tool: string, args: Record<string, unknown>) {
  const { status, body } = await client.call<{ ok: boolean }>("POST", `/tools/${tool}/execute`, { args });
  if (status !== 200) throw new Error(`${tool}: ${status} ${JSON.stringify(body)}`);
  return body;
}
