// Started by extract-text.ts: reads one document and says its text, or what is in it.

import { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { serveApart } from "../../../../lib/apart/serve-apart.ts";
import { readDocument } from "./read-document.ts";
import { TextWindow } from "./text-window.ts";
import { WordCount } from "./word-count.ts";

export type ExtractionTask =
  | { type: "text"; name: string; offset: number; most: number }
  | { type: "count"; name: string; until: number };

serveApart(async (task: ExtractionTask) => {
  const source = new HandedFile(task.name);
  if (task.type === "text") {
    const window = new TextWindow(task.offset, task.most);
    return { ...(await readDocument(source, window)), ...window.end() };
  }
  const count = new WordCount(task.until);
  return { ...(await readDocument(source, count)), ...count.end() };
});
