// Why nothing can listen on an address, in words: the system speaks in codes. Used by the gateway and by what shows metrics.

type Place = { host: string; port: number };

/**
 * @param variable the one that sets the port
 * @returns an Error for whoever starts the program; its cause is the system's
 */
export function cannotListen(
  variable: "PORT" | "METRICS_PORT",
  { host, port }: Place,
  cause: NodeJS.ErrnoException,
): Error {
  const words: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop what uses it, or choose another: ${variable}=${port + 1} npm start`,
    EACCES: `Port ${port} on ${host} needs rights you do not have. Set ${variable} to one above 1023.`,
    EADDRNOTAVAIL: `HOST=${host} is no address of this machine. Use one that is: 127.0.0.1 for this machine alone, 0.0.0.0 for others too.`,
    ENOTFOUND: `HOST=${host} is a name that no machine has. Use an address of this machine: 127.0.0.1, or 0.0.0.0 for others too.`,
  };
  const code = cause.code === "EAI_AGAIN" ? "ENOTFOUND" : (cause.code ?? "");
  const otherwise = `Nothing can listen on ${host}:${port}. Set HOST and ${variable} to a free address of this machine.`;
  return new Error(words[code] ?? otherwise, { cause });
}
