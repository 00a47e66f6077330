// The process that s3.ts starts: fauxqs with its objects below a folder, listening here only.
import { type ListenOptions, Server } from "node:net";
import { startFauxqs } from "fauxqs";

const [port = "", folder = ""] = process.argv.slice(2);

// It would listen to the whole network, where nobody has to show a key, and has no setting for that.
const listen = Server.prototype.listen as (options: ListenOptions, done?: () => void) => Server;
Server.prototype.listen = function listenHere(this: Server, options: ListenOptions, done?: () => void) {
  return listen.call(this, { ...options, host: "127.0.0.1" }, done);
} as typeof Server.prototype.listen;

await startFauxqs({ port: Number(port), host: "127.0.0.1", dataDir: folder, logger: false });
