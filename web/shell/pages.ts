// The pages of the console by their paths. A page is a folder with a module whose default export is a component: it is loaded when it is
// first opened, gets what its path names as `params`, and is shown below its title. Add a line here, and one in sidebar.ts.
import type { ComponentType } from "preact";
import { SHELL } from "../texts/shell.ts";
import type { Text } from "../texts/texts.ts";
import type { PageProps } from "./page-props.ts";

export type Page = {
  /** `:name` stands for one step of the path. */
  path: string;
  /** In the tab of the browser, and above the page; a session has a head of its own. */
  title?: Text;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
};

export const PAGES: Page[] = [
  { path: "/", load: () => import("../session/session-page.ts") },
  { path: "/sessions/:id", load: () => import("../session/session-page.ts") },
  { path: "/approvals", title: SHELL.approvals, load: () => import("../approvals/approvals-page.ts") },
  { path: "/machines", title: SHELL.machines, load: () => import("../nodes/machines-page.ts") },
  { path: "/machines/pair", title: SHELL.machines, load: () => import("../nodes/pairing-page.ts") },
  { path: "/machines/:id", title: SHELL.machines, load: () => import("../nodes/machine-page.ts") },
  { path: "/settings", title: SHELL.settings, load: () => import("../settings/settings-page.ts") },
  { path: "/settings/:section", title: SHELL.settings, load: () => import("../settings/settings-page.ts") },
  { path: "/admin", title: SHELL.admin, load: () => import("../admin/admin-page.ts") },
  { path: "/admin/:section", title: SHELL.admin, load: () => import("../admin/admin-page.ts") },
  { path: "/admin/:section/:id", title: SHELL.admin, load: () => import("../admin/admin-page.ts") },
];

export type Found = { page: Page; params: Record<string, string> };

export function findPage(path: string): Found | undefined {
  const steps = path.split("/");
  for (const page of PAGES) {
    const pattern = page.path.split("/");
    if (pattern.length !== steps.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((name, index) => {
      const step = steps[index] ?? "";
      if (!name.startsWith(":")) return name === step;
      params[name.slice(1)] = step;
      return step !== "";
    });
    if (fits) return { page, params };
  }
  return undefined;
}
