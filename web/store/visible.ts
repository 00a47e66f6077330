// Whether anybody can see this page, and whether the browser has a network.
import { signal } from "@preact/signals";

export const isVisible = signal(document.visibilityState !== "hidden");
document.addEventListener("visibilitychange", () => {
  isVisible.value = document.visibilityState !== "hidden";
});

export const isOnline = signal(navigator.onLine);
addEventListener("online", () => {
  isOnline.value = true;
});
addEventListener("offline", () => {
  isOnline.value = false;
});
