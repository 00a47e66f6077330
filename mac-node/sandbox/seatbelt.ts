// The macOS sandbox as the text of a Seatbelt profile for sandbox-exec(1): a pure function, like the one for Linux.
// Later rules win over earlier ones, so what is hidden comes last.
import { limitedOnMac } from "./limits.ts";
import type { VisiblePaths } from "./visible-paths.ts";

const READABLE = [
  "/System",
  "/usr",
  "/bin",
  "/sbin",
  "/Library/Apple",
  "/Library/Developer",
  "/Library/Frameworks",
  "/Applications/Xcode.app",
  "/opt/homebrew",
  "/private/etc/ssl",
  "/private/var/db/timezone",
  "/private/var/select",
];
const READABLE_FILES = [
  "/private/etc/hosts",
  "/private/etc/passwd",
  "/private/etc/localtime",
  "/dev/urandom",
];

/** The whole command line, `sandbox-exec` first. */
export function seatbeltCommand(command: { argv: string[]; paths: VisiblePaths }): string[] {
  return ["/usr/bin/sandbox-exec", "-p", seatbeltProfile(command.paths), ...limitedOnMac(), ...command.argv];
}

export function seatbeltProfile({
  roots,
  home,
  homeEntries,
  hidden,
  notYet,
  pinned,
  readOnly,
  links,
}: VisiblePaths): string {
  const inside = roots.filter((root) => root !== home);
  return [
    "(version 1)",
    "(deny default)",
    "(allow process-exec process-fork)",
    "(allow signal (target same-sandbox))",
    "(allow process-info* (target same-sandbox))",
    "(allow sysctl-read)",
    '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))',
    "(allow file-read-metadata)",
    rule("allow file-read* file-map-executable", READABLE.map(subpath)),
    rule("allow file-read*", READABLE_FILES.map(literal)),
    rule("allow file-read* file-write-data file-ioctl", [literal("/dev/null"), literal("/dev/tty")]),
    rule("allow file-read* file-write*", inside.map(subpath)),
    ...(home === undefined
      ? []
      : [
          rule("allow file-read*", [subpath(home)]),
          rule("deny file-write*", [subpath(home)]),
          rule(
            "allow file-write*",
            [...homeEntries, ...inside.filter((root) => isIn(root, home))].map(subpath),
          ),
        ]),
    rule("deny file-write*", [...readOnly.map(subpath), ...links.map(literal)]),
    // No file that runs as its owner: outside it would.
    "(deny file-write-setugid)",
    // Neither renamed nor removed: what lies hidden in them would be found under another name.
    rule("deny file-write-unlink", pinned.map(literal)),
    rule("deny file* (with no-log)", [...hidden.map(({ path }) => path), ...notYet].map(subpath)),
    "(deny network*)",
  ]
    .filter((line) => line !== "")
    .join("\n");
}

const isIn = (path: string, folder: string) => path.startsWith(`${folder}/`);
const subpath = (path: string) => `(subpath ${quoted(path)})`;
const literal = (path: string) => `(literal ${quoted(path)})`;

/** A rule without paths would hold for all of them. */
function rule(action: string, paths: string[]): string {
  return paths.length === 0 ? "" : `(${action} ${paths.join(" ")})`;
}

function quoted(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
