// Debian's Chromium, driven against the really started server. A page that reports against its policy, writes an error to its console or
// asks a foreign host for anything fails its test (`problems`).
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
/** Until something that does not come has failed: far beyond what a slow machine takes. */
const PATIENCE_MS = 100_000;

export type TestPage = {
  page: Page;
  context: BrowserContext;
  /** What must not be: reports of the policy, errors, requests to others. */
  problems: string[];
  /** Every address that was asked for. */
  requests: string[];
};

export async function startBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error("The tests of the console need Chromium: apt-get install -y chromium");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"], timeout: PATIENCE_MS });
}

type Options = Parameters<Browser["newContext"]>[0];

/** A page of a person of its own: nothing is shared with other contexts. @param own what every request may go to */
export async function openPage(browser: Browser, own: string, options: Options = {}): Promise<TestPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return watched(context, await context.newPage(), own);
}

/** One more tab of the same browser. */
export async function openTab(context: BrowserContext, own: string): Promise<TestPage> {
  return watched(context, await context.newPage(), own);
}

async function watched(context: BrowserContext, page: Page, own: string): Promise<TestPage> {
  const problems: string[] = [];
  const requests: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    requests.push(url);
    if (!url.startsWith(`${own}/`) && !/^(data|blob):/.test(url)) problems.push(`asked ${url}`);
  });
  page.on("console", (message) => {
    const text = message.text();
    // A refusal of the API is an answer, and a connection that breaks is resumed: the page shows both.
    if (message.type() === "error" && !/^Failed to load resource: (.* status of (4|503)|net::)/.test(text))
      problems.push(`console: ${text}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction("reportOfPolicy", (report: string) => problems.push(`policy: ${report}`));
  await page.addInitScript(`document.addEventListener("securitypolicyviolation", (event) =>
    reportOfPolicy([event.violatedDirective, event.blockedURI, event.sample].join(" ")))`);
  return { page, context, problems, requests };
}
