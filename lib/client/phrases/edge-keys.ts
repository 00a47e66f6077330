// What is wrong with the address or the keys of the edge, where Macs join.
import type { Phrase } from "./phrase.ts";

export const EDGE_KEYS: readonly Phrase[] = [
  [
    "must be {schemes} addresses, commas between several, e.g. tls://edge.example.com:4223",
    "必须是 {schemes} 地址，多个之间用逗号，例如 tls://edge.example.com:4223",
  ],
  [
    "has a user or password in it: hubs come with hub.creds of EDGE_KEYS. Leave it out",
    "里面有用户名或密码：hub 使用 EDGE_KEYS 里的 hub.creds 连接。请去掉它",
  ],
  [
    "would be reached in plain text: give nats-server a certificate and the address as tls://. Only this machine (127.0.0.1, localhost) may be reached without TLS",
    "会以明文访问：请给 nats-server 证书，并把地址写成 tls://。只有本机（127.0.0.1、localhost）可以不用 TLS",
  ],
  [
    "there are no keys of the edge in {folder}. Make them with: {command}",
    "{folder} 里没有 edge 的密钥。请用此命令生成：{command}",
  ],
  [
    "{folder} lacks {files}. Copy that from the folder which {command} has made",
    "{folder} 缺少 {files}。请从 {command} 生成的目录复制",
  ],
  [
    "The keys of the edge in {folder} lack {file}: bring it back from where it was taken to, or from a backup. {command} makes a folder of keys anew.",
    "{folder} 里 edge 的密钥缺少 {file}：请从移去的地方或备份取回。{command} 会生成全新的密钥目录。",
  ],
  [
    "The keys of the edge in {folder} lack {files}. New ones would not fit those that are there: bring them back from where they were taken to, or from a backup. To begin anew (every Mac has to be paired again) move {old} away and use {command}.",
    "{folder} 里 edge 的密钥缺少 {files}。新生成的与现有的不相配：请从移去的地方或备份取回。要重新开始（每台 Mac 都要重新配对），请移走 {old}，再用 {command}。",
  ],
  [
    "The folder {folder} has no keys of the edge, but other things ({names}). Name another folder with EDGE_KEYS (or --folder).",
    "目录 {folder} 里没有 edge 的密钥，却有别的内容（{names}）。请用 EDGE_KEYS（或 --folder）指定别的目录。",
  ],
  [
    "The folder {folder} cannot be used: {reason}. Name another folder with EDGE_KEYS (or --folder).",
    "目录 {folder} 不能使用：{reason}。请用 EDGE_KEYS（或 --folder）指定别的目录。",
  ],
  [
    '{path} has no line such as listen: "127.0.0.1:4223". Give it one, or move the file away and use {command}.',
    '{path} 里没有像 listen: "127.0.0.1:4223" 这样的一行。请加上，或移走这个文件再用 {command}。',
  ],
];
