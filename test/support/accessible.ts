// What keeps people from using a page, as far as a program can tell.
import axe from "axe-core";
import type { Page } from "playwright-core";

type Violation = { id: string; impact: string | null; nodes: { html: string; failureSummary: string }[] };

/** What is seriously wrong by axe-core, with where. */
export async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = (await page.evaluate("axe.run().then((found) => found.violations)")) as Violation[];
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Whether one has to scroll sideways to read it. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(
    `[document.documentElement, document.getElementById("content")].some((one) => one.scrollWidth > one.clientWidth)`,
  );
