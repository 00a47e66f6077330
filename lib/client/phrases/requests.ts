// Requests that cannot be read, or name what there is not.
import type { Phrase } from "./phrase.ts";

export const REQUESTS: readonly Phrase[] = [
  ['"expires_at" {fault}.', "“expires_at”{fault}。"],
  ['"cursor" is not one that a list has given.', '"cursor" 不是列表给出的。'],
  ['"{key}" or one of its unique fields is there already.', "“{key}”或它的某个唯一字段已经存在。"],
  [
    'Send an access token or an API key in one header "Authorization: Bearer …".',
    '请用一个 "Authorization: Bearer …" 头发送访问令牌或 API 密钥。',
  ],
  [
    'Send the body as it is: no Transfer-Encoding but "chunked".',
    '请原样发送请求内容：Transfer-Encoding 只能是 "chunked"。',
  ],
  [
    'Send JSON, not compressed, with the header "Content-Type: application/json".',
    '请发送未压缩的 JSON，并带上 "Content-Type: application/json" 头。',
  ],

  ["There is no such user.", "没有这个用户。"],
  ['You have no API key "{id}".', "您没有 API 密钥“{id}”。"],
  ['You have no node "{id}".', "您没有节点“{id}”。"],
  ['Nobody shares a machine "{id}" with you.', "没有人与您共享机器“{id}”。"],
  ['You have no session "{id}".', "您没有会话“{id}”。"],
  ['There is no run "{id}".', "没有运行“{id}”。"],
  ['The run asks nothing about "{id}".', "这个运行没有关于“{id}”的询问。"],
  ['The session has no message "{id}".', "这个会话里没有消息“{id}”。"],
  ['No machine of yours has a tool "{name}".', "您的机器上没有工具“{name}”。"],
  ['There is no plan "{plan}". There are: {plans}.', "没有套餐“{plan}”。现有的套餐：{plans}。"],
  [
    "The configuration has the revision {revision} now, not {wanted}: read it again and decide anew.",
    "配置现在的版本是 {revision}，不是 {wanted}：请重新读取后再决定。",
  ],
  [
    'If-Match must be the ETag of GET /api/v1/admin/config, e.g. "3" in its quotes.',
    'If-Match 必须是 GET /api/v1/admin/config 的 ETag，例如带引号的 "3"。',
  ],
  [
    "The configuration was never changed: there is nothing to go back to.",
    "配置从未改动过：没有可以恢复的值。",
  ],
  [
    "There are no former values with the revision {revision}. GET /api/v1/admin/config/history shows those that are kept.",
    "没有版本 {revision} 的旧值。GET /api/v1/admin/config/history 列出保留着的旧值。",
  ],
  ["There is no {METHOD} here, but {methods}.", "这里没有 {METHOD}，只有 {methods}。"],
  ["There is no {METHOD} {path}. {advice}", "没有 {METHOD} {path}。{advice}"],
  ["The routes are below {prefix}.", "所有路由都在 {prefix} 下面。"],
  ["Perhaps you mean {path}.", "您也许想要 {path}。"],

  ["The address of a request begins with a slash.", "请求的地址要以斜杠开头。"],
  [
    "This server does not answer to that host name. Add it to ALLOWED_HOSTS if it should.",
    "这个服务器不以那个主机名应答。如果应该，请把它加进 ALLOWED_HOSTS。",
  ],
  [
    "Pages of this origin may not call the server. Add it to ALLOWED_ORIGINS if they should.",
    "这个来源的网页不能访问服务器。如果应该，请把它加进 ALLOWED_ORIGINS。",
  ],
  ["Send one Host header.", "请发送一个 Host 头。"],
  ["The address could not be decoded.", "地址无法解码。"],
  ['"{name}" is part of the path.', "“{name}”是路径的一部分。"],
  ['The query has "{name}" twice or may not have it.', "查询里“{name}”出现了两次，或者不能有它。"],
  ["The body broke off.", "请求内容中断了。"],
  ["A body may have at most 10 MB.", "请求内容最多 10 MB。"],
  ["The body is not UTF-8.", "请求内容不是 UTF-8。"],
  ["The body could not be parsed as JSON.", "请求内容无法解析为 JSON。"],
  ["The body must be a JSON object.", "请求内容必须是 JSON 对象。"],
  ["A body may hold {most} values.", "请求内容最多有 {most} 个值。"],
  ["A body may be nested {most} levels deep.", "请求内容最多嵌套 {most} 层。"],
  ['The key "{key}" is not allowed.', "不允许使用键“{key}”。"],
];
