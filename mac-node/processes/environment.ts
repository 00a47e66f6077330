// The environment of every command: built from nothing, so that no secret of the server can be in it (G26).

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MAC_PATH = `/opt/homebrew/bin:/opt/homebrew/sbin:${SYSTEM_PATH}`;

/** The variable by which a command's descendants are found, wherever they went. Its value is the call and a number. */
export const MARKER = "MACJARVIS_COMMAND";

export function minimalEnvironment(settings: {
  platform: NodeJS.Platform;
  home: string;
  marker: string;
}): Record<string, string> {
  const { platform, home, marker } = settings;
  return {
    PATH: platform === "darwin" ? MAC_PATH : SYSTEM_PATH,
    HOME: home,
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    TMPDIR: "/tmp",
    TERM: "dumb",
    [MARKER]: marker,
  };
}
