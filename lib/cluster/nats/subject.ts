// Names of ours as parts of NATS subjects, without what has a meaning there: a name never stands for others.

/** @param name with dots, each between two of them a token */
export function subjectOf(prefix: string, name: string): string {
  return `${prefix}.${name.split(".").map(tokenOf).join(".")}`;
}

/** One token, whatever is in the text; different texts are different tokens. */
export function tokenOf(text: string): string {
  return text.replaceAll(/[^\w-]/gu, percent) || "%";
}

function percent(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}
