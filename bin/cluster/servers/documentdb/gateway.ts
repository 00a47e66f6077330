// Listens for MongoDB's clients and answers them one command after the other, as each connection expects it.
import { createServer, type Server, type Socket } from "node:net";
import { BSON } from "mongodb";
import type pg from "pg";
import { commandsOn } from "./commands.ts";
import { COMMAND_NOT_FOUND, failure, failureOf, isAway } from "./failure.ts";
import { type Request, requestOf } from "./request.ts";
import { encodeReply, type Message, messagesOf } from "./wire.ts";

type Commands = ReturnType<typeof commandsOn>;

/** Resolves when it listens. */
export async function listen(pool: pg.Pool, port: number): Promise<Server> {
  const commands = commandsOn(pool, `127.0.0.1:${port}`);
  const server = createServer({ noDelay: true }, (socket) => void serve(socket, commands));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

/**
 * Until the client goes. Where it is unknown what became of a command, the connection is cut, as when a server dies: its driver then
 * knows that it does not know.
 */
async function serve(socket: Socket, commands: Commands): Promise<void> {
  // Without a listener it would end the process; the loop below ends by it as well.
  socket.on("error", () => undefined);
  try {
    for await (const message of messagesOf(socket)) {
      const reply = await answer(message, commands);
      if (!message.isSilent) socket.write(encodeReply(message, reply));
    }
  } catch (error) {
    if (!socket.destroyed) process.stderr.write(`cut off a client: ${String(error)}\n`);
  }
  socket.destroy();
}

/** @throws when there is no answer: the message is none, or PostgreSQL is away */
async function answer(message: Message, commands: Commands): Promise<Uint8Array> {
  const request: Request = requestOf(message);
  const name = message.kind === "legacy hello" ? "hello" : request.name;
  const isTransaction = request.transaction !== "none";
  const command = commands.get(name);
  if (!command)
    return BSON.serialize(failure(COMMAND_NOT_FOUND, `no such command: '${name}'`, isTransaction));
  try {
    const reply = await command(request);
    return Buffer.isBuffer(reply) ? reply : BSON.serialize(reply);
  } catch (error) {
    if (isAway(error)) throw error;
    return BSON.serialize(failureOf(error, isTransaction));
  }
}
