// Files that people attach to messages: uploads, their limits, what a model cannot see of them.
import type { Phrase } from "./phrase.ts";

export const FILES: readonly Phrase[] = [
  [
    "This server keeps no files: whoever runs it has to set S3_URL.",
    "这个服务器不保存文件：需要由运行服务器的人设置 S3_URL。",
  ],
  ["A file may have at most {most} MB.", "一个文件最多 {most} MB。"],
  ["The upload broke off: nothing of it is kept. Send it again.", "上传中断了：什么也没有保存。请重新发送。"],
  ["The file's bytes are not in the object store any more.", "对象存储里已经没有这个文件的内容。"],
  [
    "The form breaks off, or is not the multipart/form-data that its header says.",
    "表单中断了，或者不是请求头所说的 multipart/form-data。",
  ],
  ["Send the file as it is, without Content-Encoding.", "请按原样发送文件，不要用 Content-Encoding。"],
  [
    'The file "{id}" belongs to another session. Upload it again for this one.',
    "文件“{id}”属于另一个会话。请为这个会话重新上传。",
  ],
  ["The file is empty: it has no bytes.", "文件是空的：没有任何内容。"],
  [
    "The server cannot look into the file now: there is no room for temporary files. Try again.",
    "服务器现在无法查看文件：没有放临时文件的空间。请重试。",
  ],
  [
    'You have no file "{id}". Files that no message uses go after 24 hours.',
    "您没有文件“{id}”。没有消息使用的文件在 24 小时后会被删除。",
  ],
  [
    "{count} files of yours are on their way. Wait for their end before you send more.",
    "您有 {count} 个文件正在上传。请等它们结束后再发送。",
  ],
  [
    "You have {count} files, and {most} are allowed. Delete files, or sessions with files, first.",
    "您有 {count} 个文件，最多允许 {most} 个。请先删除一些文件，或带有文件的会话。",
  ],
  [
    "Your files have {size} MB, and {most} MB are allowed. Delete files, or sessions with files, first.",
    "您的文件共 {size} MB，最多允许 {most} MB。请先删除一些文件，或带有文件的会话。",
  ],
];
