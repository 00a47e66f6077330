// The unit of a user on Linux: systemd.service(5), systemctl(1). It runs while the user is logged in, or always with lingering.
import { join } from "node:path";
import { SERVICE_ARGUMENTS, type ServiceSettings, type SystemService } from "./service.ts";

const UNIT = "macjarvis-node.service";
const SYSTEMCTL = ["/usr/bin/systemctl", "--user"];

export function systemdService(settings: ServiceSettings): SystemService {
  const reload = { argv: [...SYSTEMCTL, "daemon-reload"] };
  return {
    path: join(settings.userHome, ".config", "systemd", "user", UNIT),
    text: unit(settings),
    install: [
      reload,
      { argv: [...SYSTEMCTL, "enable", UNIT] },
      // Also one that runs already with what was there before.
      { argv: [...SYSTEMCTL, "restart", UNIT] },
    ],
    uninstall: [{ argv: [...SYSTEMCTL, "disable", "--now", UNIT], mayFail: true }],
    afterwards: [reload],
    check: [...SYSTEMCTL, "is-active", "--quiet", UNIT],
  };
}

/** Prints "yes" where the services of the user run without a login. */
export function lingerCommand({ userName }: ServiceSettings): string[] {
  return ["/usr/bin/loginctl", "show-user", userName, "--property=Linger", "--value"];
}

function unit({ folder, executable, flags, program, userHome }: ServiceSettings): string {
  const argv = [executable, ...flags, program, ...SERVICE_ARGUMENTS].map(word).join(" ");
  return `[Unit]
Description=MacJarvis: the tools of this machine

[Service]
ExecStart=${argv}
Environment=${word(`MACJARVIS_NODE_HOME=${folder.path}`)}
WorkingDirectory=${path(userHome)}
Restart=on-failure
RestartSec=10
TimeoutStopSec=20
KillMode=mixed
UMask=0077
StandardOutput=append:${path(join(folder.log, "service.log"))}
StandardError=inherit

[Install]
WantedBy=default.target
`;
}

/** In double quotes, with what systemd would replace in it doubled (systemd.service(5), systemd.syntax(7)). */
function word(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("$", "$$$$").replaceAll("%", "%%")}"`;
}

/** A setting that is one path: no quotes, no variables. */
function path(text: string): string {
  return text.replaceAll("%", "%%");
}
