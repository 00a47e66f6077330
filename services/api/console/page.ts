// The one page of the console.

/** Names of files. */
type Page = { entry: string; first: string; modules: string[] };

export function pageHtml({ entry, first, modules }: Page, version: string): string {
  const at = (name: string) => `/console/${version}/${name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>MacJarvis</title>
<link rel="icon" href="${at("icon.svg")}" type="image/svg+xml">
<script src="${at(first)}"></script>
<link rel="stylesheet" href="${at("styles.css")}">
${modules.map((name) => `<link rel="modulepreload" href="${at(name)}">`).join("\n")}
<script type="module" src="${at(entry)}"></script>
</head>
<body>
<div id="app"><p class="first-paint"><span class="brand-mark large"></span>MacJarvis</p></div>
<noscript>The console of MacJarvis needs JavaScript. All routes of its API: <a href="/api/docs">/api/docs</a></noscript>
</body>
</html>
`;
}
