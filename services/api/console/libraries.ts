// The packages of others that the console runs, by the names it imports them by. Nothing else of node_modules gets into it.
export const LIBRARIES = new Set([
  "preact",
  "preact/hooks",
  "@preact/signals",
  "@preact/signals-core",
  "htm",
  "htm/preact",
  "marked",
  "dompurify",
  "@highlightjs/cdn-assets/es/highlight.min.js",
  "eventsource-parser/stream",
]);
