// Why a store cannot be used while the server runs, and what cannot be stored.
import type { Phrase } from "./phrase.ts";

export const STORES: readonly Phrase[] = [
  [
    "The server cannot store anything now: {reason}. Nothing was lost; try again.",
    "服务器现在无法存储：{reason}。没有丢失任何内容；请稍后再试。",
  ],
  [
    "The server cannot answer this: {reason}. Whoever runs it has to restore it from a backup.",
    "服务器无法回答这个请求：{reason}。需要由服务器的管理者从备份恢复。",
  ],
  ["the database: {reason}", "数据库：{reason}"],
  ["the disk is full", "磁盘已满"],
  [
    "the disk of {home} is full (less than {least} MiB are free)",
    "{home} 所在的磁盘已满（剩余不足 {least} MiB）",
  ],
  ["the disk does not answer", "磁盘没有响应"],
  ["the disk did not take what was written", "磁盘没有接受写入的内容"],
  ["the database is locked", "数据库被锁住"],
  ["there is no memory left", "内存已用完"],
  ["the database cannot be written", "数据库不可写"],
  ["the database file cannot be opened", "数据库文件无法打开"],
  ["the database file is damaged", "数据库文件已损坏"],
  ["the database file is no database", "数据库文件不是数据库"],
  ["a row of the database is damaged", "数据库里有一行已损坏"],
  ["events cannot be written, perhaps the disk is full", "无法写入事件，也许磁盘已满"],
  ["it is shutting down", "它正在关闭"],
  ["a store (the log says more)", "数据存储（详情见日志）"],
  ["A text holds a NUL character, which cannot be stored.", "文本里有一个不能保存的 NUL 字符。"],
  [
    "The object has {bytes} bytes, and at most {most} fit.",
    "这个对象有 {bytes} 字节，最多只能容纳 {most} 字节。",
  ],
  [
    'The object "{key}" is not what was stored. Whoever runs the server has to restore it from a backup.',
    "对象“{key}”不是当初存入的内容。服务器的管理者需要从备份中恢复它。",
  ],
  ["The {part} of an object {fault}.", "对象的 {part} {fault}。"],
  ["An object has at most {bytes} bytes.", "一个对象最多 {bytes} 字节。"],
  ["A temporary address lasts 1 to {most} seconds.", "临时地址的有效期是 1 到 {most} 秒。"],
  [
    "The store of objects cannot be used now: {reason}. Nothing was lost; try again.",
    "对象存储现在不能使用：{reason}。没有丢失任何内容；请重试。",
  ],
  ["One of its unique fields is there already.", "它的某个唯一字段已经存在。"],
  ["The document store cannot be used now: {reason}. Try again.", "文档存储现在不能使用：{reason}。请重试。"],
  ["A field cannot have the name {name} here.", "字段在这里不能叫 {name}。"],
  ["A document can be nested {most} levels deep, and no more.", "一个文档最多可以嵌套 {most} 层。"],
  ["The database cannot be used now: {reason}. Try again.", "数据库现在不能使用：{reason}。请重试。"],
];
