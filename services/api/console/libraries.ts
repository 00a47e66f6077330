// The files of others that the console loads, by the name it imports them by; they go to the browser as their packages have them, but
// for the names they import each other by. Nothing else of node_modules is served.
export const LIBRARIES: Record<string, string> = {
  preact: "preact/dist/preact.mjs",
  "preact/hooks": "preact/hooks/dist/hooks.mjs",
  "@preact/signals": "@preact/signals/dist/signals.mjs",
  "@preact/signals-core": "@preact/signals-core/dist/signals-core.mjs",
  htm: "htm/dist/htm.mjs",
  "htm/preact": "htm/preact/index.mjs",
  marked: "marked/lib/marked.esm.js",
  dompurify: "dompurify/dist/purify.es.mjs",
  "@highlightjs/cdn-assets/es/highlight.min.js": "@highlightjs/cdn-assets/es/highlight.min.js",
  "eventsource-parser/stream": "eventsource-parser/dist/stream.js",
  "eventsource-parser/dist/parse.js": "eventsource-parser/dist/parse.js",
  "eventsource-parser/dist/errors.js": "eventsource-parser/dist/errors.js",
};
