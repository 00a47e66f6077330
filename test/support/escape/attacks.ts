// Ways out of the sandbox as commands, each of which works where there is none: it prints the loot, or something outside has changed.
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { REFUSED } from "../../../mac-node/sandbox/system-calls.ts";
import { LOOT, type Scene } from "./scene.ts";

export type Attack = {
  command(scene: Scene): string;
  /** Whether something outside has changed; what it prints is looked at always. */
  took?(scene: Scene): Promise<boolean>;
  /** Makes what it needs, and takes away what it has changed. */
  before?(scene: Scene): Promise<void>;
  /** A user is kept from it by the system itself, on some machines. */
  isOfRoot?: boolean;
};

const inFile = (path: string) => readFile(path, "utf8").catch(() => "");
const taken = (scene: Scene) => join(scene.outside, "taken");
/** A file that is written outside; anew for each try. */
const writes = (command: (scene: Scene) => string): Attack => ({
  before: (scene) => rm(taken(scene), { force: true }),
  command,
  took: async (scene) => (await inFile(taken(scene))) !== "",
});
const bashrc = ({ home }: Scene) => join(home, ".bashrc");
/** What is read by itself at the next login. */
const selfStarting = (command: (scene: Scene) => string, path = ".bashrc"): Attack => ({
  before: async (scene) => {
    await rm(join(scene.home, path), { force: true });
    await writeFile(bashrc(scene), "mine\n");
  },
  command,
  took: async (scene) => /evil/.test(await inFile(join(scene.home, path))),
});
/** Anybody who listens and is heard. */
const reaches = (command: (scene: Scene) => string): Attack => ({
  before: async ({ heard }) => void heard.splice(0),
  command,
  took: async ({ heard }) => heard.length > 0,
});
const connects = (address: string) =>
  `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, pack_sockaddr_un("${address}")) and print <S>'`;
const systemCall = (name: string, ...args: (number | string)[]) =>
  `syscall(${REFUSED[name]?.[process.arch === "arm64" ? 1 : 0]}, ${args.join(", ")})`;

const WRITES: Record<string, Attack> = {
  "a file outside of the workspace": writes(({ outside }) => `echo x > ${outside}/taken`),
  "a file outside through a link in the workspace": writes(
    ({ outside }) => `rm -f link; ln -s ${outside} link; echo x > link/taken`,
  ),
  "a file outside through the folder above": writes(() => "echo x > ../../outside/taken"),
  "a file outside through the root of another process": writes(
    ({ outside }) => `for root in /proc/[0-9]*/root; do echo x > $root${outside}/taken; done`,
  ),
  "a file outside through the folder another process works in": writes(
    (scene) => `echo x > /proc/${scene.victim()}/cwd/taken`,
  ),
  "the file that a login shell reads": selfStarting(() => "echo evil >> ~/.bashrc"),
  "another one that is not there yet": selfStarting(() => "echo evil > ~/.bash_login", ".bash_login"),
  "a second name of it in the workspace": selfStarting(
    () => "rm -f hard; ln ~/.bashrc hard && echo evil >> hard",
  ),
  "a program found before the system's": selfStarting(() => "echo evil > ~/bin/ls", "bin/ls"),
  "what starts with the desktop": selfStarting(
    () => "mkdir -p ~/.config/autostart; echo evil > ~/.config/autostart/x.desktop",
    ".config/autostart/x.desktop",
  ),
  "a key that may log in": selfStarting(
    () => "mkdir -p ~/.ssh; echo evil >> ~/.ssh/authorized_keys",
    ".ssh/authorized_keys",
  ),
  "a setting of the kernel": {
    isOfRoot: true,
    // What it is already, so that nothing changes.
    command: () => `cd /proc/sys/kernel && cat core_pattern > core_pattern && echo ${half}`,
  },
  "a file that runs as its owner": {
    before: ({ work }) => rm(join(work, "shell"), { force: true }),
    command: () => "cp /bin/sh shell; chmod 755 shell; chmod u+s shell; install -m 4755 /bin/sh shell",
    took: async ({ work }) =>
      stat(join(work, "shell")).then(
        ({ mode }) => (mode & 0o6000) !== 0,
        () => false,
      ),
  },
};

const READS: Record<string, Attack> = {
  "a file outside": { command: ({ outside }) => `cat ${outside}/loot` },
  "a file outside through a link": { command: ({ outside }) => `ln -sf ${outside}/loot l; cat l` },
  "every place of credentials in the home folder": { command: () => "grep -rsh LOOT ~" },
  "each of them by its name, with no folder listed": {
    command: () =>
      "cat ~/.ssh/loot ~/.netrc ~/.aws ~/.aws/loot ~/.gnupg ~/.gnupg/loot ~/.mozilla/loot ~/.mozilla",
  },
  "one through a second name": {
    command: () => "for f in ~/.ssh/loot ~/.azure; do ln $f two; cat two; done",
  },
  "MacJarvis' own folder": {
    command: ({ dataFolder }) =>
      `[ -s ${dataFolder}/owner.key ] && find ${dataFolder} -type f | grep -q . && echo ${half}`,
  },
  "MacJarvis' own folder under another name": {
    before: async ({ home }) => rm(join(home, "work/moved"), { recursive: true, force: true }),
    command: ({ home }) =>
      `mkdir ${home}/other; mv ${home}/deep ${home}/work/moved; [ -s ${home}/work/moved/jarvis/owner.key ] && echo ${half}; mv ${home}/work/moved ${home}/deep`,
  },
  "the environment of another process": { command: (scene) => `cat /proc/${scene.victim()}/environ` },
  "the environment of the server": { command: ({ stack }) => `cat /proc/${stack.server.pid}/environ` },
  "the environment of every process there is": {
    command: () => "cat /proc/[0-9]*/environ /proc/[0-9]*/task/*/environ 2>/dev/null",
  },
  "a file outside through the root of another process": {
    command: (scene) => `cat /proc/[0-9]*/root${scene.outside}/loot /proc/${scene.victim()}/cwd/loot`,
  },
  "the memory of another process": {
    isOfRoot: true,
    command: (scene) => `perl -e '
      my $pid = ${scene.victim()};
      open(my $maps, "<", "/proc/$pid/maps") or exit;
      open(my $memory, "<", "/proc/$pid/mem") or exit;
      while (<$maps>) { next unless /^(\\w+)-(\\w+) rw.*stack/;
        seek($memory, hex($1), 0); read($memory, my $stack, hex($2) - hex($1)); print $1 if $stack =~ /(LOOT-\\d+)/ }'`,
  },
  "who else there is to be ended": { command: (scene) => `kill -0 ${scene.victim()} && echo ${half}` },
  "what it may type into a terminal": {
    // TIOCSTI, which nobody is refused by right where there is no terminal at all.
    command: () => `perl -e 'my $x = "x"; ioctl(STDIN, 0x5412, $x); print "${split}" if $! != 1' | tr -d _`,
  },
  "another process as its debugger": {
    isOfRoot: true,
    // PTRACE_SEIZE, which stops nobody.
    command: (scene) =>
      `perl -e 'print "${split}" if ${systemCall("ptrace", "0x4206", scene.victim(), 0, 0)} == 0' | tr -d _`,
  },
  "a folder whose cover a namespace of its own takes off": {
    command: () => "unshare -Urm sh -c 'umount -l ~/.ssh ~ 2>/dev/null; cat ~/.ssh/loot'",
  },
};

const REACHES: Record<string, Attack> = {
  "a server on this machine": reaches(({ tcp }) => `cat < /dev/tcp/127.0.0.1/${tcp}`),
  "a server on this machine by its name": reaches(({ tcp }) => `cat < /dev/tcp/localhost/${tcp}`),
  "a server on this machine by an address in IPv6 clothes": reaches(
    ({ tcp }) => `cat < /dev/tcp/::ffff:127.0.0.1/${tcp}`,
  ),
  "who takes datagrams": reaches(({ udp }) => `echo hello > /dev/udp/127.0.0.1/${udp}; sleep 0.2`),
  "an agent outside of the workspace": reaches(({ sockets: [at = ""] }) => connects(at)),
  "a socket in the folder of all": reaches(({ sockets: [, at = ""] }) => connects(at)),
  "an agent in the workspace": reaches(({ sockets: [, , at = ""] }) => connects(at)),
  "an agent in the workspace through a link": reaches(
    ({ sockets: [, , at = ""] }) => `ln -sf ${at} way; ${connects("way")}`,
  ),
  "an abstract socket": reaches(({ abstractName }) => connects(`\\0${abstractName}`)),
  "a socket by the root of another process": reaches(({ sockets: [at = ""], victim }) =>
    connects(`/proc/${victim()}/root${at}`),
  ),
};

/** The loot in two pieces, so that it is not in the command itself. */
const split = `${LOOT.slice(0, 4)}_${LOOT.slice(4)}`;
const half = `"${LOOT.slice(0, 4)}""${LOOT.slice(4)}"`;

export const ATTACKS = { writes: WRITES, reads: READS, reaches: REACHES };

/** `/proc` of the machine within a workspace, as a chroot has it; only root can mount it. */
export async function chrootIn({ work }: Scene): Promise<string> {
  const proc = join(work, "chroot/proc");
  await mkdir(proc, { recursive: true });
  return proc;
}
