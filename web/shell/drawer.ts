// On a narrow screen the list of sessions is a drawer.
import { effect, signal } from "@preact/signals";
import { place } from "../store/place.ts";

export const isDrawerOpen = signal(false);
/** Whoever has gone somewhere wants to see it. */
effect(() => {
  place.value;
  isDrawerOpen.value = false;
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") isDrawerOpen.value = false;
});
