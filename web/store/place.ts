// Where in the console a person is: the address behind `#`, e.g. `#/sessions/ses_…`.
import { signal } from "@preact/signals";

const read = () => (location.hash.startsWith("#/") ? decodePath(location.hash.slice(1)) : "/");

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export const place = signal(read());
addEventListener("hashchange", () => {
  place.value = read();
});

export const linkTo = (path: string): string => `#${path}`;

/** @param how `replace` leaves no way back to where one was */
export function go(path: string, how: "add" | "replace" = "add"): void {
  if (how === "replace") history.replaceState(null, "", linkTo(path));
  else history.pushState(null, "", linkTo(path));
  place.value = path;
}
