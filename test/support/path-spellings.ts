// Spellings of a path that might reach an action of that name over HTTP.

const PREFIXES = ["/", "/api/v1/", "/api/", "/api/v1/../", "//api/v1/", "/API/V1/", "/api/v1//"];

/** How a path may be spelled for the same action (`name` as in `users.login`): every form behind every prefix. */
export function spellingsOf(name: string): string[] {
  return PREFIXES.flatMap((prefix) => formsOf(name).map((form) => prefix + form));
}

/** A seventh of them: each form behind one prefix. Those of seven names in a row have every form behind every prefix. */
export function someSpellingsOf(name: string, turn: number): string[] {
  return formsOf(name).map((form, index) => `${PREFIXES[(index + turn) % PREFIXES.length]}${form}`);
}

function formsOf(name: string): string[] {
  const slashes = name.replaceAll(".", "/");
  return [
    name,
    slashes,
    name.replaceAll(".", "%2e"),
    name.replaceAll(".", "%2F"),
    name.replaceAll(".", "//"),
    name.toUpperCase(),
    slashes.toUpperCase(),
    `${name}/`,
    `${slashes}/`,
    `${name};x=1`,
    `${slashes};`,
    `${name}?x=1`,
    `./${slashes}`,
    `%2e/${slashes}`,
    `x/../${slashes}`,
    `/${slashes}`,
    `%2f${slashes}`,
    `~${name}`,
    `$${name}`,
    `%24${slashes}`,
    `${slashes}%00`,
    `${slashes}%20`,
    `${slashes}.json`,
    name.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    slashes.replaceAll("/", "\\"),
  ];
}
