declare module "@highlightjs/cdn-assets/es/highlight.min.js" {
  const hljs: unknown;
  export default hljs;
}
