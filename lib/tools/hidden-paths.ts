// The paths no tool may see, in one list: the data folder and where programs keep credentials. Read by the node for its
// sandbox and for `ToolContext.hidden`, which file tools check.
import { isAbsolute, join } from "node:path";

/** Relative to the home folder of the user; files and folders alike. */
const CREDENTIALS = [
  ".ssh",
  ".aws",
  ".azure",
  ".gnupg",
  ".kube",
  ".docker",
  ".password-store",
  ".netrc",
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".pgpass",
  ".my.cnf",
  ".vault-token",
  ".terraformrc",
  ".terraform.d",
  ".git-credentials",
  ".gem/credentials",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".m2/settings.xml",
  ".config/gh",
  ".config/hub",
  ".config/gcloud",
  ".config/git/credentials",
  ".config/rclone",
  ".config/op",
  ".config/sops",
  ".config/age",
  ".local/share/keyrings",
  ".gnome2/keyrings",
  ".mozilla",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".config/microsoft-edge",
  ".thunderbird",
  "snap/firefox",
  "snap/chromium",
  ".local/share/kwalletd",
  ".local/share/containers/auth.json",
  ".config/containers/auth.json",
  ".config/doctl",
  ".config/hcloud",
  ".cache/huggingface/token",
  ".huggingface",
  ".kaggle",
  ".databrickscfg",
  ".s3cfg",
  ".boto",
  ".oci",
  ".fly",
  ".bash_history",
  ".zsh_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".mysql_history",
  ".sqlite_history",
  ".rediscli_history",
  ".local/share/fish/fish_history",
  "Library/Keychains",
  "Library/Cookies",
  "Library/Application Support/com.apple.TCC",
  "Library/Application Support/Google/Chrome",
  "Library/Application Support/Firefox",
  "Library/Application Support/BraveSoftware",
  "Library/Application Support/Microsoft Edge",
  "Library/Safari",
  "Library/Messages",
  "Library/Mail",
];

/**
 * Absolute paths no tool may see, whether they exist or not.
 * @param home the user's home folder
 * @param macjarvisHome the data folder, wherever it lies
 */
export function hiddenPaths(home: string, macjarvisHome: string): string[] {
  if (!isAbsolute(home) || !isAbsolute(macjarvisHome)) throw new Error("hiddenPaths needs absolute paths");
  return [macjarvisHome, ...CREDENTIALS.map((path) => join(home, path))];
}
