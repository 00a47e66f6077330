// The commands of `npm run node`. Each is loaded when it is asked for: most need little of the program.
import { ownVersion } from "../terminal/own-version.ts";
import type { NodeArguments } from "./arguments.ts";
import type { ExitCode, Room } from "./room.ts";

/** @throws NodeProblem, Error in words */
export async function run(room: Room, wanted: NodeArguments): Promise<ExitCode> {
  switch (wanted.command) {
    case "serve_or_help": {
      const { readIdentity } = await import("../../mac-node/program/identity.ts");
      return readIdentity(room.folder)
        ? run(room, { command: "serve", isService: false })
        : run(room, { command: "help" });
    }
    case "help":
      room.say(room.texts.node.help.trimEnd());
      return 0;
    case "version":
      room.say(ownVersion());
      return 0;
    case "join":
      return (await import("./commands/join.ts")).join(room, wanted);
    case "serve":
      return (await import("./commands/serve.ts")).serve(room, wanted);
    case "status":
      return (await import("./commands/status.ts")).status(room, wanted.json);
    case "leave":
      return (await import("./commands/leave.ts")).leave(room, wanted);
    case "policy":
      return (await import("./commands/policy.ts")).policy(room, wanted.what);
    case "freeze":
      return (await import("./commands/freeze.ts")).freeze(room);
    case "chain":
      return (await import("./commands/chain.ts")).exportChain(room);
    case "thaw":
      return (await import("./commands/freeze.ts")).thaw(room);
    case "secret":
      return (await import("./commands/secret.ts")).secret(room, wanted);
    case "logs":
      return (await import("./commands/logs.ts")).logs(room, wanted);
    case "install":
      return (await import("./commands/install.ts")).install(room, wanted.prints);
    case "uninstall":
      return (await import("./commands/install.ts")).uninstall(room, wanted.prints);
  }
}
