// Why a file of the plugin folder is no tool.
import type { Phrase } from "./phrase.ts";

export const PLUGINS: readonly Phrase[] = [
  ["{file}: it is a folder; a plugin is a file", "{file}：它是目录；插件应是一个文件"],
  ["{file}: it is no regular file", "{file}：它不是普通文件"],
  ["{file}: it is none of {kinds}", "{file}：它不是 {kinds} 之一"],
  [
    "{file}: it has {size} bytes; a plugin has at most {most}",
    "{file}：它有 {size} 字节；插件最多 {most} 字节",
  ],
  ["{file}: it is a link; put the file itself here", "{file}：它是链接；请放文件本身"],
  ["{file}: it cannot be read: {why}", "{file}：无法读取：{why}"],
  ["{file}: it has no default export", "{file}：没有默认导出"],
  ["{file}: its default export is not a tool", "{file}：默认导出不是工具"],
  ["{file}: its import does not end", "{file}：导入没有结束"],
  ["{file}: it ends its process when it is imported", "{file}：导入时会结束进程"],
  ["{file}: it changes {names}, which the whole server uses", "{file}：它会改动整个服务器都在使用的 {names}"],
  ["{file}: the plugins before it took too long", "{file}：前面的插件用时太长"],
  ['the name "{name}" is taken by {file}', "名字“{name}”已被 {file} 使用"],
];
