// Cuts other processes' command lines down to what may be shown to a model (G21): arguments often hold passwords and keys.

const PROGRAM_LENGTH = 200;
const MASK = "***";
const NAME = "(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|auth(?:orization)?|bearer|key)";
const VALUE = "(?:(?:bearer|basic)\\s+)?(?:\"[^\"]*\"|'[^']*'|\\S+)";
/** `token=x`, `api_key: x`, `--password=x` */
const ASSIGNED = new RegExp(`(${NAME}["']?\\s*[=:]\\s*)${VALUE}`, "gi");
/** `--password x`, `-token x` */
const NEXT_ARGUMENT = new RegExp(`((?:^|\\s)--?[\\w-]*${NAME}\\s+)${VALUE}`, "gi");
/** `https://user:password@host` */
const IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
/** Keys that tell by their form what they are. */
const KNOWN_KEYS = /\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abp]|mjk|AKIA|AIza)[-_A-Za-z0-9]{12,}/g;

/** Programs whose first argument says more than they do: it is shown when it is a script by its name. */
const INTERPRETERS = /^(?:node|bun|deno|python[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|bash|zsh|sh|dash)$/;
const SCRIPT = /^[\w./@+-]{1,200}\.(?:[cm]?[jt]s|py|rb|pl|php|sh)$/;

/** The text with values after names of secrets, credentials in URLs and well-known keys replaced by `***`. */
export function maskSecrets(text: string): string {
  return text
    .replace(ASSIGNED, `$1${MASK}`)
    .replace(NEXT_ARGUMENT, `$1${MASK}`)
    .replace(IN_URL, `$1${MASK}@`)
    .replace(KNOWN_KEYS, MASK);
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
