// Names of tools as vendors take them. Models make names up; the vendor that sent one may refuse to have it back.

/** What all vendors take: 64 letters, digits, `_` and `-`. */
const TAKEN = /^[a-zA-Z0-9_-]{1,64}$/;
const MOST = 64;
const NAMELESS = "unnamed";

export const isTaken = (name: string): boolean => TAKEN.test(name);

/** The name itself where every vendor takes it, else one that is as near. */
export function takenName(name: string): string {
  if (isTaken(name)) return name;
  return name.replace(/[^a-zA-Z0-9_-]+/g, "_").slice(0, MOST) || NAMELESS;
}

/** Google's rule besides: it begins with a letter or `_`. */
export function beginsWithLetter(name: string): string {
  return /^[a-zA-Z_]/.test(name) ? name : `_${name}`.slice(0, MOST);
}
