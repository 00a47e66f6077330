// Scripts about what is on the screen and about the Mac itself.
import { z } from "zod";
import { defineScripts } from "./fixed-script.ts";
import { WINDOWS } from "./windows.ts";

const BROWSERS = ["Safari", "Google Chrome", "Microsoft Edge", "Brave Browser", "Arc"] as const;

export const SCREEN_SCRIPTS = defineScripts({
  frontmost_app: {
    does: "the program in front and its window",
    args: z.strictObject({}),
    source: `
function work() {
  const front = Application("System Events").applicationProcesses.whose({ frontmost: true })[0];
  let window = null;
  try {
    window = front.windows[0].name();
  } catch (error) {
    // It has none, or Accessibility is not allowed: the rest is known all the same.
  }
  return { name: front.name(), bundle_id: front.bundleIdentifier(), window };
}`,
  },
  list_windows: {
    does: "windows on the screen with id, program, title and place; an id is for capture_screenshot",
    args: z.strictObject({}),
    source: WINDOWS,
  },
  browser_tab: {
    does: "title and address of the tab in front",
    args: z.strictObject({ browser: z.enum(BROWSERS).optional() }),
    source: `
const NOT_PERMITTED = -1743;
function work({ browser }) {
  const tabs = [];
  for (const name of browser ? [browser] : ${JSON.stringify(BROWSERS)}) {
    try {
      const app = Application(name);
      if (!app.running() || app.windows.length === 0) continue;
      const window = app.windows[0];
      const tab = name === "Safari" ? window.currentTab : window.activeTab;
      tabs.push({ browser: name, title: name === "Safari" ? tab.name() : tab.title(), url: tab.url() });
    } catch (error) {
      // Not on this Mac, or without a tab.
      if (error.errorNumber === NOT_PERMITTED) throw error;
    }
  }
  return { tabs };
}`,
  },
  finder_selection: {
    does: "paths of what is selected in Finder",
    args: z.strictObject({}),
    source: `
function work() {
  const items = Application("Finder").selection();
  const pathOf = (item) => decodeURIComponent(item.url().replace(/^file:\\/\\//, ""));
  return { paths: items.slice(0, 200).map(pathOf), total: items.length };
}`,
  },
  volume: {
    does: "loudness 0 to 100 and mute; sets what is given, and tells how it is",
    args: z.strictObject({ level: z.int().min(0).max(100).optional(), muted: z.boolean().optional() }),
    source: `
function work({ level, muted }) {
  const app = Application.currentApplication();
  app.includeStandardAdditions = true;
  if (level !== undefined) app.setVolume(null, { outputVolume: level });
  if (muted !== undefined) app.setVolume(null, { outputMuted: muted });
  const now = app.getVolumeSettings();
  return { level: now.outputVolume, muted: now.outputMuted };
}`,
  },
  dark_mode: {
    does: "tells, sets or changes the dark appearance",
    args: z.strictObject({ mode: z.enum(["tell", "on", "off", "toggle"]).default("tell") }),
    source: `
function work({ mode }) {
  const preferences = Application("System Events").appearancePreferences;
  if (mode !== "tell") preferences.darkMode = mode === "toggle" ? !preferences.darkMode() : mode === "on";
  return { dark: preferences.darkMode() };
}`,
  },
});
