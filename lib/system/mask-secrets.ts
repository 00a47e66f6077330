// Cuts other processes' command lines down to what may be shown to a model, and arguments of calls to what may stand in the
// audit trail (G21): they often hold passwords and keys.

const PROGRAM_LENGTH = 200;
export const MASK = "***";
const NAME =
  "(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|auth(?:orization)?|bearer|cookie|signature|(?<![a-z])sig|key)s?";
const VALUE = "(?:(?:bearer|basic)\\s+)?(?:\"[^\"]*\"|'[^']*'|\\$\\([^)]*\\)|\\S+)";
/** `token=x`, `api_key: x`, `--password=x` */
const ASSIGNED = new RegExp(`(${NAME}\\\\*["']?\\s*[=:]\\s*)${VALUE}`, "gi");
/** `--password x`, `-token x` */
const NEXT_ARGUMENT = new RegExp(`((?:^|\\s)--?[\\w-]*${NAME}\\s+)${VALUE}`, "gi");
/** `aws_secret_access_key x` */
const NEXT_WORD = new RegExp(`(\\b[a-z]+_(?:[a-z]+_)*${NAME}\\s+)${VALUE}`, "gi");
/** What single letters mean to programs that take a secret by them. */
const BY_LETTER = new RegExp(
  `(\\b(?:(?:mysql|mariadb|sshpass|(?:docker|podman) login)\\b[^|;&\\n]*?\\s-p|redis-cli\\b[^|;&\\n]*?\\s-a|openssl\\b[^|;&\\n]*?\\s-k|curl\\b[^|;&\\n]*?\\s-b)\\s*)${VALUE}`,
  "g",
);
/** `curl -u user:password` */
const USER = /((?:^|\s)(?:-u|--user)[\s=]*["']?[^\s:"']+:)[^\s"']+/g;
/** `Bearer x` without the name of its header */
const BEARER = /(\bbearer\s+)[\w.~+/=-]{8,}/gi;
/** `https://user:password@host` */
const IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi;
/** Keys that tell by their form what they are. */
const KNOWN_KEYS =
  /\b(?:(?:sk|pk|rk|xox[a-z]|glpat)[-_]|(?:gh[opsur]|github_pat|hf|npm|mjr?)_|AKIA|ASIA|AIza|ya29\.|eyJ)[-_.A-Za-z0-9]{12,}/g;
const PRIVATE_KEY = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?=-----END|$)/g;
const SECRET_NAME = new RegExp(`${NAME}$`, "i");

/** Programs whose first argument says more than they do: it is shown when it is a script by its name. */
const INTERPRETERS = /^(?:node|bun|deno|python[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|bash|zsh|sh|dash)$/;
const SCRIPT = /^[\w./@+-]{1,200}\.(?:[cm]?[jt]s|py|rb|pl|php|sh)$/;

/** The text with values after names of secrets, credentials in URLs and well-known keys replaced by `***`. */
export function maskSecrets(text: string): string {
  return text
    .replace(ASSIGNED, `$1${MASK}`)
    .replace(NEXT_ARGUMENT, `$1${MASK}`)
    .replace(NEXT_WORD, `$1${MASK}`)
    .replace(BY_LETTER, `$1${MASK}`)
    .replace(PRIVATE_KEY, `$1${MASK}`)
    .replace(USER, `$1${MASK}`)
    .replace(BEARER, `$1${MASK}`)
    .replace(IN_URL, `$1${MASK}@`)
    .replace(KNOWN_KEYS, MASK);
}

/** Whether a field, a variable or an option of this name usually holds a secret. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * What is shown of a command line: the program, and the script when the program only interprets it. Arguments are left
 * out, because no pattern finds every secret. A program that wrote its arguments into its own name is cut at the first space.
 */
export function shownCommand(argv: readonly string[]): string {
  const [program = "", script = ""] = argv;
  const name = program.split(/\s/, 1)[0] ?? "";
  const base = name.slice(name.lastIndexOf("/") + 1).replace(/^-/, "");
  const shown = INTERPRETERS.test(base) && SCRIPT.test(script) ? `${name} ${script}` : name;
  return maskSecrets(shown).slice(0, PROGRAM_LENGTH);
}
