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
