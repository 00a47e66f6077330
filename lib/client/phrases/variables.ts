// Why a server does not start: a variable that cannot be used, a port, the folders of its tools.
import type { Phrase } from "./phrase.ts";

export const VARIABLES: readonly Phrase[] = [
  ["A variable is not set to something that can be used:", "有一个变量的值不能使用："],
  ["{count} variables are not set to something that can be used:", "有 {count} 个变量的值不能使用："],
  ["{NAME}: {fault}", "{NAME}：{fault}"],
  ["{fault} (it is {value})", "{fault}（现在是 {value}）"],
  ["{fault} ({character} at place {place})", "{fault}（第 {place} 个字符是{character}）"],
  ["a blank", "空格"],
  ["a line end", "换行"],
  ["the character U+{code}", "字符 U+{code}"],
  ["must be a whole number from {least} to {most}", "必须是 {least} 到 {most} 的整数"],
  ["must be a number of seconds above 0, at most {most}", "必须是大于 0、不超过 {most} 的秒数"],
  ["must be an http:// or https:// address", "必须是 http:// 或 https:// 开头的地址"],
  ["must be provider/model, e.g. {example}", "必须写成 供应商/模型，例如 {example}"],
  ["has a character that no key has", "含有密钥里不会有的字符"],
  ["must be {words} or {last}", "必须是 {words} 或 {last}"],
  ["each secret needs at least 32 characters", "每个签名密钥至少要有 32 个字符"],
  [
    "names no secret: unset it, or give one of at least 32 characters",
    "没有写出签名密钥：请取消设置，或给出至少 32 个字符的密钥",
  ],
  [
    "must be origins such as https://app.example.com, without a path",
    "必须是 https://app.example.com 这样的来源，不带路径",
  ],
  ["must be addresses or CIDR blocks, e.g. {example}", "必须是地址或 CIDR 网段，例如 {example}"],
  [
    "without NATS_URL the services of a process cannot be started apart. Unset it, or name all: {services}",
    "没有 NATS_URL 就不能把服务分开启动。请取消设置，或写出全部：{services}",
  ],
  [
    "names a service that there is not. There are: {services}",
    "写了一个不存在的服务。现有的服务：{services}",
  ],
  [
    "must be set as well: a cluster needs {names}. Set it, or unset {others} for one process on its own files.",
    "也必须设置：集群需要 {names}。请设置它，或取消设置 {others}，用一个进程和自己的文件运行。",
  ],
  [
    "must be set in a cluster, the same for all its processes: at least 32 characters, e.g. from `openssl rand -base64 48`.",
    "在集群里必须设置，所有进程都相同：至少 32 个字符，例如用 `openssl rand -base64 48` 生成。",
  ],
  ["is used with NATS_URL only. Unset it.", "只与 NATS_URL 一起使用。请取消设置。"],
  ["METRICS_PORT: must be another port than PORT", "METRICS_PORT：必须与 PORT 不同"],
  [
    "the name of a server is written in capital letters, digits and _, beginning with a letter",
    "服务器的名字只用大写字母、数字和 _，并以字母开头",
  ],
  [
    '"{name}" is the name of another provider; give this server another one',
    "“{name}”是另一个供应商的名字；请给这个服务器换一个名字",
  ],
  ["must say where the server is whose key {key} has", "必须写明 {key} 这个密钥所属服务器的地址"],
  [
    "CRASH_AT={point} is no crash point; there are: {points}",
    "CRASH_AT={point} 不是崩溃点；可用的有：{points}",
  ],

  [
    "Port {port} on {host} is in use. Stop what uses it, or choose another: {command}",
    "{host} 的端口 {port} 已被占用。请停止占用它的程序，或换一个端口：{command}",
  ],
  [
    "Port {port} on {host} needs rights you do not have. Set {variable} to one above 1023.",
    "使用 {host} 的端口 {port} 需要您没有的权限。请把 {variable} 设为 1023 以上的端口。",
  ],
  [
    "HOST={host} is no address of this machine. Use one that is: 127.0.0.1 for this machine alone, 0.0.0.0 for others too.",
    "HOST={host} 不是本机的地址。请用本机的地址：127.0.0.1 只供本机使用，0.0.0.0 也供其他机器使用。",
  ],
  [
    "HOST={host} is a name that no machine has. Use an address of this machine: 127.0.0.1, or 0.0.0.0 for others too.",
    "HOST={host} 不是任何机器的名字。请用本机的地址：127.0.0.1，要供其他机器使用则用 0.0.0.0。",
  ],
  [
    "Nothing can listen on {where}. Set HOST and {variable} to a free address of this machine.",
    "无法在 {where} 上监听。请把 HOST 和 {variable} 设为本机空闲的地址。",
  ],
  [
    "None of the folders for tools is there: {folders}. Make one, or change TOOL_ROOTS.",
    "工具可用的目录都不存在：{folders}。请创建一个，或修改 TOOL_ROOTS。",
  ],
];
