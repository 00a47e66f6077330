// Texts of the files that go with messages.
import { texts } from "./texts.ts";

export const FILES = texts({
  attach: ["Attach files", "添加文件"],
  files: ["Files of this message", "此消息的文件"],
  uploading: ["uploading…", "正在上传……"],
  remove: ["Remove {name}", "移除 {name}"],
  download: ["Download {name}", "下载 {name}"],
  tooLarge: ["Larger than {most}, which is the most for a file.", "超过单个文件的上限 {most}。"],
  tooMany: ["A message takes {most} files.", "一条消息最多附带 {most} 个文件。"],
  needWords: [
    "Write what to do with the files: they cannot be sent alone.",
    "请写明要如何处理这些文件：不能只发送文件。",
  ],
  wait: ["The files are still being uploaded.", "文件仍在上传。"],
  removeFailed: ["Remove what could not be uploaded, then send.", "请先移除无法上传的文件，然后再发送。"],
  drop: ["Drop the files here", "将文件拖放到这里"],
});
