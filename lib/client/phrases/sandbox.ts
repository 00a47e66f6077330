// Why commands cannot run in a sandbox.
import type { Phrase } from "./phrase.ts";

export const SANDBOX: readonly Phrase[] = [
  ["There is no sandbox for {platform}; use macOS or Linux.", "{platform} 没有沙箱；请使用 macOS 或 Linux。"],
  [
    "The sandbox knows no system calls of {arch}; use x64 or arm64.",
    "沙箱不认识 {arch} 的系统调用；请使用 x64 或 arm64。",
  ],
  ["bubblewrap is not installed. Run: {command}", "没有安装 bubblewrap。请运行：{command}"],
  ["bubblewrap cannot start: {output}. {advice}", "bubblewrap 无法启动：{output}。{advice}"],
  [
    "sandbox-exec cannot start: {output}. It is part of macOS; run: {command}",
    "sandbox-exec 无法启动：{output}。它是 macOS 的一部分；请运行：{command}",
  ],
  [
    "This system keeps user namespaces from bubblewrap. Run: {command}",
    "这个系统不让 bubblewrap 使用用户命名空间。请运行：{command}",
  ],
  ["Use a kernel with CONFIG_SECCOMP_FILTER.", "请使用带有 CONFIG_SECCOMP_FILTER 的内核。"],
  ["Run: {command}", "请运行：{command}"],
];
