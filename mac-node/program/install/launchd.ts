// The agent of a user on macOS: launchd.plist(5), launchctl(1). It runs while the user is logged in.
import { join } from "node:path";
import { SERVICE_ARGUMENTS, type ServiceSettings, type SystemService } from "./service.ts";

const LABEL = "com.macjarvis.node";
const LAUNCHCTL = "/bin/launchctl";
/** Seconds between two starts of one that fails. */
const THROTTLE_S = 10;
/** Seconds that launchd waits between TERM and KILL: what runs is ended within four. */
const EXIT_S = 20;

export function launchdService(settings: ServiceSettings): SystemService {
  const { userHome, userId } = settings;
  const path = join(userHome, "Library", "LaunchAgents", `${LABEL}.plist`);
  const domain = `gui/${userId}`;
  const target = `${domain}/${LABEL}`;
  // One that is loaded already would not take the new file; that there is none is no fault.
  const bootOut = { argv: [LAUNCHCTL, "bootout", target], mayFail: true };
  return {
    path,
    text: plist(settings),
    install: [
      bootOut,
      { argv: [LAUNCHCTL, "enable", target] },
      { argv: [LAUNCHCTL, "bootstrap", domain, path] },
    ],
    uninstall: [bootOut],
    afterwards: [],
    check: [LAUNCHCTL, "print", target],
  };
}

/** Restarted when it ends badly; a person's `stop`, or a server that revoked this Mac, ends it well. */
function plist({ folder, executable, flags, program, userHome }: ServiceSettings): string {
  const argv = [executable, ...flags, program, ...SERVICE_ARGUMENTS];
  const out = text(join(folder.log, "service.log"));
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${argv.map((word) => `    <string>${text(word)}</string>`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>MACJARVIS_NODE_HOME</key>
    <string>${text(folder.path)}</string>
  </dict>
  <key>WorkingDirectory</key>
  <string>${text(userHome)}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>${THROTTLE_S}</integer>
  <key>ExitTimeOut</key>
  <integer>${EXIT_S}</integer>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>StandardOutPath</key>
  <string>${out}</string>
  <key>StandardErrorPath</key>
  <string>${out}</string>
</dict>
</plist>
`;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
