// Cuts other processes' command lines down to what may be shown to a model, and arguments of calls to what may stand in the
// audit trail (G21): they often hold passwords and keys.

const PROGRAM_LENGTH = 200;
export const MASK = "***";
const NAME =
  "(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|auth(?:orization)?|bearer|cookie|signature|(?<![a-z])sig|key)s?";
/** A word, or what stands in quotes, also in quotes that are escaped (JSON in JSON, a command in a string). */
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"|'[^']*'|\\+"(?:(?!\\+")[\s\S])*\\+"`;
/** JSON that belongs to such a name is left out as a whole. */
const NESTED = String.raw`\{[^{}]*\}|\[[^[\]]*\]`;
const VALUE = String.raw`(?:(?:bearer|basic)\s+)?(?:${QUOTED}|${NESTED}|\$\([^)]*\)|\S+)`;
/** Headers whose value has parts: `Authorization: token x`, `Cookie: a=b; c=d`. */
const HEADER = "(?:(?:proxy-)?authorization|(?:set-)?cookie2?|x-[\\w-]{0,60}(?:token|key|secret|auth))";
/** To the end of the quote the header stands in. */
const HEADER_IN_QUOTES = /(["'])(\s*HEADER\s*:\s*)(?:(?!\1)[\s\S])+/.source.replace("HEADER", HEADER);
/** A scheme with its value, and what commas and semicolons join to it. */
const HEADER_PARTS = String.raw`((?<![\w-])${HEADER}\s*:\s*)(?!["'\\])(?:[a-z][\w-]*\s+)?[^\s;,]+(?:[;,]\s*[^\s;,]+)*`;

/** Programs that take a secret behind a single letter, with the letter. */
const BY_LETTER = [
  String.raw`(?:mysql|mariadb|mongo)[\w-]*\b[^|;&\n]{0,300}?\s-p`,
  String.raw`(?:sshpass|7z[ar]?|az|cf|helm|oc|(?:docker|podman|nerdctl|buildah|skopeo)\s+login)\b[^|;&\n]{0,300}?\s-p`,
  String.raw`(?:sqlcmd|bcp|ipmitool|zip|unzip|nmap)\b[^|;&\n]{0,300}?\s-P`,
  String.raw`redis-cli\b[^|;&\n]{0,300}?\s-a`,
  String.raw`openssl\b[^|;&\n]{0,300}?\s-k`,
  String.raw`curl\b[^|;&\n]{0,300}?\s-b`,
  String.raw`ldap[a-z]+\b[^|;&\n]{0,300}?\s-w`,
  String.raw`smbclient\b[^|;&\n]{0,300}?-U\s*[^\s%]+%`,
  String.raw`vault\s+login\b(?:\s+-\S+)*`,
].map((program) => String.raw`\b${program}`);

/** Keys that tell by their form what they are. */
const SHAPES = [
  "(?:sk|pk|rk|xox[a-z]|xapp|glpat|gldt|glptt|pypi|xai|pplx|tskey|dapi|shp(?:at|ss|ca|pa))[-_][-_.A-Za-z0-9]{12,}",
  "(?:gh[opsur]|github_pat|hf|npm|mj[rc]?|gsk|r8|whsec|dop_v1|doo_v1|lin_api|ntn|figd|sbp|pscale|ops|dckr_pat|pul)_[-_.A-Za-z0-9]{12,}",
  String.raw`(?:AKIA|ASIA|AIza|ya29\.|eyJ|SG\.|hv[sb]\.|ATATT|dp\.(?:pt|st)\.)[-_.A-Za-z0-9]{12,}`,
  "AGE-SECRET-KEY-1[A-Z0-9]{20,}",
  String.raw`[A-Za-z0-9]{14}\.atlasv1\.[-_A-Za-z0-9]{20,}`,
  // Telegram's bots.
  String.raw`\d{8,10}:[-_A-Za-z0-9]{35}`,
  String.raw`(?<=hooks\.slack\.com/services/)[\w/]{12,}`,
  String.raw`(?<=discord(?:app)?\.com/api/webhooks/)[\w/-]{12,}`,
];

/** Each keeps what stands before a secret in `$1` (and `$2`). In this order: what is quoted first, bare shapes last. */
const PATTERNS: [pattern: RegExp, kept: string][] = [
  [/(-----? ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-----?)[\s\S]*?(?=-----? ?END|$)/g, "$1"],
  [new RegExp(HEADER_IN_QUOTES, "gi"), "$1$2"],
  [new RegExp(HEADER_PARTS, "gi"), "$1"],
  // `token=x`, `api_key: x`, `--password=x`
  [new RegExp(String.raw`(${NAME}\\*["']?\s*[=:]\s*)${VALUE}`, "gi"), "$1"],
  // `--password x`, `-token x`
  [new RegExp(String.raw`((?:^|\s)--?[\w-]*${NAME}\s+)${VALUE}`, "gi"), "$1"],
  // `aws_secret_access_key x`
  [new RegExp(String.raw`(\b[a-z]+_(?:[a-z]+_)*${NAME}\s+)${VALUE}`, "gi"), "$1"],
  [new RegExp(String.raw`((?:${BY_LETTER.join("|")})\s*)${VALUE}`, "g"), "$1"],
  // .netrc and .pgpass
  [
    new RegExp(String.raw`(\b(?:login|machine)\s+\S+\s+(?:account\s+\S+\s+)?passw(?:or)?d\s+)${VALUE}`, "gi"),
    "$1",
  ],
  [/((?:^|[\s"'])[^\s:"']+:(?:\d{1,5}|\*):[^\s:]+:[^\s:]+:)[^\s"']+/g, "$1"],
  // What is fed to a program that reads a secret: `echo x | sudo -S`
  [
    new RegExp(
      String.raw`(\b(?:echo|printf)\s+(?:-\w+\s+)*)${VALUE}(?=[^|;&\n]{0,100}\|[^|;&\n]{0,200}(?:-stdin\b|\bsudo\s+-S|\bchpasswd\b|--passphrase-fd))`,
      "g",
    ),
    "$1",
  ],
  // `curl -u user:password`
  [/((?:^|\s)(?:-[uUa]|--user|--proxy-user|--auth)[\s=]*)(["'])([^"':]+:)(?:(?!\2)[\s\S])+/g, "$1$2$3"],
  [/((?:^|\s)(?:-[uUa]|--user|--proxy-user|--auth)[\s=]*[^\s:"']+:)[^\s"']+/g, "$1"],
  // `Bearer x` without the name of its header
  [/(\bbearer\s+)[\w.~+/=-]{8,}/gi, "$1"],
  // Passwords as systems keep them.
  [/(\$(?:apr1|2[aby]|[156y]|argon2[a-z]*|pbkdf2[\w-]*)\$)[\w./$=,+-]{8,}/g, "$1"],
  [new RegExp(`()(?<![A-Za-z0-9])(?:${SHAPES.join("|")})`, "g"), "$1"],
];
/** `https://user:password@host` */
const IN_URL = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/]+@/gi;
const SECRET_NAME = new RegExp(`${NAME}$`, "i");

/** Programs whose first argument says more than they do: it is shown when it is a script by its name. */
const INTERPRETERS = /^(?:node|bun|deno|python[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|bash|zsh|sh|dash)$/;
const SCRIPT = /^[\w./@+-]{1,200}\.(?:[cm]?[jt]s|py|rb|pl|php|sh)$/;

/** The text with values after names of secrets, credentials in URLs and well-known keys replaced by `***`. */
export function maskSecrets(text: string): string {
  const masked = PATTERNS.reduce((rest, [pattern, kept]) => rest.replace(pattern, `${kept}${MASK}`), text);
  return masked.replace(IN_URL, `$1${MASK}@`);
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
