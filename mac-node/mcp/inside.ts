// The variables of a program that runs in the sandbox, put on where it runs and not before: what starts the sandbox finds its programs by
// PATH and its libraries by LD_PRELOAD, and would run what they name outside of it.

type Program = { argv: string[]; env: Record<string, string> };

const CARRIED = "MACJARVIS_GIVEN_";

/**
 * The same program with names for its variables that mean nothing to anybody; a shell in the sandbox gives them their own.
 * @param program.env by names that are words (`\w`): they are written into a script; values are not
 */
export function inside({ argv, env }: Program, isSandboxed: boolean): Program {
  const names = Object.keys(env);
  if (!isSandboxed || names.length === 0) return { argv, env };
  const put = names.map((name) => `export ${name}="$${CARRIED}${name}"; unset ${CARRIED}${name};`);
  return {
    argv: ["/bin/sh", "-c", `${put.join(" ")} exec "$@"`, "sh", ...argv],
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [CARRIED + name, value])),
  };
}
