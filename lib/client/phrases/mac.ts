// What the program of a paired Mac says itself: its policy file, its secrets, the files it keeps.
import type { Phrase } from "./phrase.ts";

export const MAC: readonly Phrase[] = [
  ["line {number}: {path} is there twice", "第 {number} 行：{path} 出现了两次"],
  ["line {number}: it is not JSON: {said}", "第 {number} 行：不是 JSON：{said}"],
  ["line {number}: the policy {fault}", "第 {number} 行：策略{fault}"],
  ["line {number}: {path} {fault}", "第 {number} 行：{path} {fault}"],
  ["it is not JSON: {said}", "不是 JSON：{said}"],
  [
    'the name of a tool, a category, or "read", "write" or "execute"',
    "工具或类别的名称，或者 read、write、execute",
  ],
  ['must be an absolute path, or begin with "~/"', "必须是绝对路径，或以 ~/ 开头"],
  ["must be the name of a variable", "必须是变量的名称"],
  [
    'must have a "command" (with "args", "env", "sandbox"), or a "url" (with "headers"); either may have "tools" and "seconds"',
    "要有 command（以及 args、env、sandbox），或者 url（以及 headers）；两者都可以有 tools 和 seconds",
  ],
  ["must be the name of a header", "必须是 HTTP 头的名称"],
  [
    "must be a name of capital letters, digits and _, such as GITHUB_TOKEN",
    "必须是由大写字母、数字和 _ 组成的名称，如 GITHUB_TOKEN",
  ],
  ["must be a short name of small letters", "必须是小写字母的短名称"],
  ["it is no regular file", "它不是普通文件"],
  ["it is a link to what is not there", "它是一个链接，指向的文件不存在"],
  ["it belongs to another user of this machine", "它属于这台机器的另一个用户"],
  ["it has more than {most} bytes", "它超过 {most} 字节"],
  ["others may write it: run chmod 600 {path}", "别人可以写它：请运行 chmod 600 {path}"],
  ["it cannot be read: {why}", "无法读取：{why}"],
  ["it holds no certificate in PEM", "里面没有 PEM 格式的证书"],
  ["a certificate in it cannot be read ({why})", "里面有一个证书无法读取（{why}）"],
  ["it holds no key", "里面没有密钥"],
  ["it is a place for more than MacJarvis", "那里不只供 MacJarvis 使用"],
  [
    "The keychain is locked or may not be asked now: log in at the Mac itself, or run security unlock-keychain.",
    "钥匙串已锁定，或者现在不能访问：请在这台 Mac 上登录，或运行 security unlock-keychain。",
  ],
  ["The keychain refuses: {said}", "钥匙串拒绝：{said}"],
  [
    "It was cut off at {since}: {reason}. It may come back at {time}.",
    "它在 {since} 被断开：{reason}。可以在 {time} 回来。",
  ],
  [
    "It was cut off at {since}: {reason}. It may come back, and has not yet.",
    "它在 {since} 被断开：{reason}。它可以回来，但还没有回来。",
  ],
  ['There is no Mac "{id}".', "没有 Mac“{id}”。"],
  ["it sent far more than calls need", "它发送的数据远多于调用所需"],
  ["the account of its owner is disabled", "它的所有者的账户已停用"],
];
