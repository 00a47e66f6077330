// What a browser keeps for this person between visits. Where it keeps nothing (private windows, full disks), nothing fails.

const PREFIX = "macjarvis.";

export function stored(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Null removes it. */
export function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Kept for this visit only.
  }
}

/** Removes all whose name begins like this. */
export function forgetAll(beginning: string): void {
  try {
    for (const name of Object.keys(localStorage))
      if (name.startsWith(PREFIX + beginning)) localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}
