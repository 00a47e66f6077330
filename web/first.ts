// Runs before anything is painted, so that a chosen theme does not flash: the same names as in store/settings.ts.
try {
  const theme = localStorage.getItem("macjarvis.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows its system.
}
