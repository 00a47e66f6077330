// Rules of the policy in words, and why a call is asked about whatever was remembered.
import type { Phrase } from "./phrase.ts";

export const RULES: readonly Phrase[] = [
  ["{sentence} No machine of yours has such a tool now.", "{sentence}您的机器上现在没有这样的工具。"],
  ["Allows {what}.", "总是允许：{what}。"],
  ["Asks before {what}.", "总是询问：{what}。"],
  ["Denies {what}.", "总是拒绝：{what}。"],
  [
    "{subject}, as long as its places and programs are what they were",
    "{subject}，只要涉及的位置和程序没有变",
  ],
  ["{subject}, whatever its arguments", "{subject}，任何参数"],
  ["{subject}, with exactly these arguments: {args}", "{subject}，仅限这些参数：{args}"],
  [
    "{subject}, with exactly the arguments it was made for (SHA-256 {hash}…)",
    "{subject}，仅限当时回答的那些参数（SHA-256 {hash}…）",
  ],
  ["{subject}, in the session {id} only", "{subject}，只在会话 {id} 里"],
  ['{subject} on "{node}"', "{subject}，在 {node} 上"],
  ["{subject} on the machine {node}", "{subject}，在机器 {node} 上"],
  ["{subject} sending to {host}", "{subject}，发往 {host}"],
  ["any host", "任何主机"],
  ["{tool}, a tool {kind}", "{tool}（{kind}）"],
  ["every tool", "所有工具"],
  ["every tool {kind}", "所有{kind}"],
  ['every tool of the category "{category}"', "{category} 类的所有工具"],
  ['every tool of the category "{category}" {kind}', "{category} 类的所有{kind}"],
  ["that reads", "读取内容的工具"],
  ["that changes something", "会改动内容的工具"],
  ["that executes commands", "会执行命令的工具"],

  [
    '"{path}" {why}. So it is asked about every time, whatever was remembered.',
    "“{path}”{why}。所以每次都会询问，不管以前怎样回答。",
  ],
  [
    "is where things lie that start by themselves or are found as commands, outside of the sandbox",
    "里的东西会在沙箱之外自动启动，或被当作命令执行",
  ],
  [
    "is a part of git's own folder: what it names is run by git, outside of the sandbox",
    "在 git 自己的目录里：git 会在沙箱之外运行其中指定的程序",
  ],
  [
    "is run, or says what is run, by programs that work in its folder, outside of the sandbox",
    "会被在这个目录里工作的程序运行，或决定它们运行什么，而且在沙箱之外",
  ],
  ["belongs to the system, or starts with it", "属于系统，或随系统启动"],
  [
    "is among the hidden files of the home folder: they say what runs at login and how programs behave, outside of the sandbox",
    "是主目录里的隐藏文件：它们决定登录时运行什么、程序如何工作，而且在沙箱之外",
  ],
];
