// What the actions of administrators refuse: the REPL's.
import type { Phrase } from "./phrase.ts";

export const ADMINISTRATION: readonly Phrase[] = [
  ["There is no other process that could work the run.", "没有别的进程可以执行这次运行。"],
  ['Nobody works on the run "{run}" now.', "现在没有进程在执行运行“{run}”。"],
  [
    "No other process works runs: nobody could take those of this one. Stop it instead.",
    "没有别的进程执行运行：无人可以接手这个进程的运行。请直接停止它。",
  ],
  ['There is no dead letter "{letter}".', "没有编号为“{letter}”的已放弃工作。"],
];
