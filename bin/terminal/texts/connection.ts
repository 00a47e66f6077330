// Texts about the way to the server: why it cannot be reached, and what to do. Networks speak in codes, people do not.
import { inChinese } from "../phrases.ts";

const en = {
  noAnswerInTime: (url: string) => `The server at ${url} does not answer. npm run doctor tells more.`,
  portZero:
    "With PORT=0 only the server knows its port: set MACJARVIS_URL to the address that npm start printed.",
  notReached: (url: string, why: string, todo: string) => `No server answers at ${url}: ${why}. ${todo}`,
  start: "Start it with: npm start",
  checkUrl: "Check MACJARVIS_URL (or HOST and PORT).",
  checkNetwork: "Check the network, and MACJARVIS_URL.",
  checkCertificate:
    "Mend the server's certificate, or trust its authority with NODE_EXTRA_CA_CERTS=<file>; for a server on this machine use http://.",
  why: {
    refused: "nothing listens there",
    cut: "the connection was cut",
    unknownName: "no machine has this name",
    noRoute: "there is no way to that address",
    timeout: "nothing came back in time",
    certificate: "its certificate is not trusted",
    notTls: "it does not speak https",
    redirect: "it sends on to another address, where the key does not go",
    badPort: "this port is reserved for something else",
    other: "there is no connection",
  },
  notMacJarvis: (url: string, status: number) =>
    `What answers at ${url} (status ${status}) is not this version of MacJarvis. Check MACJARVIS_URL, HOST and PORT.`,
  keyRefused: (url: string) =>
    `The server at ${url} does not accept this key. Set MACJARVIS_KEY, or MACJARVIS_HOME to the server's data folder.`,
  setKey: (url: string) => `Set MACJARVIS_KEY to an API key of yours at ${url}.`,
  noKey: (file: string) =>
    `There is no key in ${file}. Start the server once (npm start makes it), or set MACJARVIS_KEY or MACJARVIS_HOME.`,
  again: (detail: string, wait: string) => `${detail} Again in ${wait}.`,
  minutes: (minutes: number, clock: string) => `${minutes} min (at ${clock})`,
  hours: (hours: number, clock: string) => `${hours} h (at ${clock})`,
  seconds: (seconds: number) => `${seconds} s`,
  /** Between the fields at fault. */
  between: "; ",
  /** What the server says. */
  refusal: (_code: string, detail: string) => detail,
};

const zh: typeof en = {
  noAnswerInTime: (url) => `${url} 上的服务器没有应答。npm run doctor 可以查明原因。`,
  portZero: "PORT=0 时只有服务器自己知道端口：请把 MACJARVIS_URL 设为 npm start 显示的地址。",
  notReached: (url, why, todo) => `连接不上 ${url} 的服务器：${why}。${todo}`,
  start: "请用 npm start 启动它",
  checkUrl: "请检查 MACJARVIS_URL（或 HOST 和 PORT）。",
  checkNetwork: "请检查网络和 MACJARVIS_URL。",
  checkCertificate:
    "请修复服务器的证书，或用 NODE_EXTRA_CA_CERTS=<文件> 信任它的颁发机构；本机的服务器请用 http://。",
  why: {
    refused: "那里没有程序在监听",
    cut: "连接被切断",
    unknownName: "没有叫这个名字的机器",
    noRoute: "无法到达那个地址",
    timeout: "没有及时收到任何回应",
    certificate: "它的证书不受信任",
    notTls: "它不使用 https",
    redirect: "它转到了另一个地址，密钥不会发往那里",
    badPort: "这个端口另有专门用途",
    other: "没有连接",
  },
  notMacJarvis: (url, status) =>
    `${url} 上应答的（状态码 ${status}）不是这个版本的 MacJarvis。请检查 MACJARVIS_URL、HOST 和 PORT。`,
  keyRefused: (url) =>
    `${url} 上的服务器不接受这个密钥。请设置 MACJARVIS_KEY，或把 MACJARVIS_HOME 设为服务器的数据目录。`,
  setKey: (url) => `请把 MACJARVIS_KEY 设为您在 ${url} 的 API 密钥。`,
  noKey: (file) =>
    `${file} 里没有密钥。请先启动一次服务器（npm start 会创建它），或设置 MACJARVIS_KEY 或 MACJARVIS_HOME。`,
  again: (detail, wait) => `${detail} 请在 ${wait}后再试。`,
  minutes: (minutes, clock) => `${minutes} 分钟（${clock}）`,
  hours: (hours, clock) => `${hours} 小时（${clock}）`,
  seconds: (seconds) => `${seconds} 秒`,
  between: "；",
  refusal: (code, detail) => withTitle(code, detail),
};

/** What a server says comes in English: where there is no Chinese for it, the Chinese words of its code go before it. */
function withTitle(code: string, detail: string): string {
  const said = inChinese(detail);
  if (said !== detail) return said;
  const title = Object.hasOwn(ERROR_TITLES, code) ? ERROR_TITLES[code] : undefined;
  return title === undefined ? detail : `${title}（${detail}）`;
}

/** Of the catalogue of errors, `lib/errors.ts`: a test holds them equal. */
export const ERROR_TITLES: Record<string, string> = {
  bad_request: "这不是有效的 HTTP 请求",
  headers_too_large: "请求头太大",
  request_incomplete: "请求没有及时送达",
  invalid_json: "请求内容不是有效的 JSON",
  invalid_request: "请求的内容不符合要求",
  body_too_large: "请求内容太大",
  unsupported_media_type: "请求内容必须是 application/json",
  not_found: "这里什么也没有",
  method_not_allowed: "这里不允许这种方法",
  host_not_allowed: "服务器不以这个主机名提供服务",
  origin_not_allowed: "这个来源不能访问服务器",
  credential_in_url: "凭据不能写在网址里",
  too_many_requests: "来自这个地址的请求太多",
  unauthenticated: "需要有效的访问令牌或 API 密钥",
  token_expired: "访问令牌已过期",
  invalid_credentials: "邮箱或密码不正确",
  refresh_invalid: "刷新令牌无效",
  refresh_raced: "刷新令牌刚刚用过",
  refresh_reused: "刷新令牌以前用过，与它有关的登录都已失效",
  account_disabled: "账户已停用",
  forbidden: "没有权限这样做",
  scope_missing: "API 密钥没有这项权限",
  too_many_attempts: "登录尝试次数太多",
  registration_closed: "没有开放注册",
  email_taken: "这个邮箱已经有账户",
  weak_password: "密码太容易被猜到",
  wrong_password: "当前密码不正确",
  hashing_busy: "正在核对的密码太多",
  user_not_found: "没有这个用户",
  key_not_found: "没有这个 API 密钥",
  session_not_found: "没有这个会话",
  message_not_found: "没有这条消息",
  run_not_found: "没有这个运行",
  approval_not_found: "没有这个询问",
  tool_not_found: "没有这个工具",
  node_not_found: "没有这个节点",
  plan_not_found: "没有这个套餐",
  model_not_found: "没有这个模型",
  session_busy: "会话里有运行正在进行",
  queue_full: "这个会话里排队的运行太多",
  idempotency_mismatch: "这个 Idempotency-Key 用于过别的请求",
  approval_answered: "这个询问已经回答过或已关闭",
  approval_required: "规则要求先询问才能使用这个工具",
  tool_denied: "规则不允许使用这个工具",
  events_expired: "这个运行的事件已经清除，消息还在",
  node_offline: "这台机器没有连接",
  node_queue_full: "等待这台机器的调用太多",
  call_not_found: "队列里没有这个调用",
  node_in_use: "不能这样改动这个节点",
  node_frozen: "这台机器已被冻结",
  node_revoked: "这台机器已被撤销",
  node_cut_off: "这台机器暂时被断开",
  edge_off: "没有 Mac 能加入这个服务器",
  pairing_not_found: "没有这个配对，或配对码无效",
  pairing_expired: "配对已过期",
  pairing_not_redeemed: "还没有 Mac 使用这个配对码",
  fingerprint_differs: "指纹不一致",
  too_many_pairings: "配对或尝试配对的次数太多",
  node_limit: "达到了机器数上限",
  clock_differs: "两边的时钟相差太多",
  last_admin: "不能去掉最后一个管理员",
  conflict: "别人同时作了改动",
  precondition_failed: "读取之后它已被改动",
  quota_exceeded: "达到了套餐的每日上限",
  rate_limited: "达到了套餐的频率上限",
  concurrency_exceeded: "同时进行的运行太多",
  session_limit: "达到了套餐的会话数上限",
  model_unavailable: "现在不能使用这个模型",
  model_timeout: "模型没有及时应答",
  model_rejected: "模型拒绝了请求",
  model_interrupted: "模型中断了回答",
  model_filtered: "供应商的内容过滤拦下或截断了回答",
  model_empty: "模型一个字也没有说就结束了回答",
  model_malformed_call: "模型没能正确地调用工具",
  model_ended: "模型因自身的原因结束了回答",
  model_rate_limited: "模型的供应商限制了我们的请求",
  run_poisoned: "运行在同一步三次被接手后放弃",
  run_deadline: "运行超过了时限",
  store_damaged: "数据存储已损坏，需要恢复",
  store_unavailable: "数据存储不可用",
  busy: "服务器繁忙",
  shutting_down: "服务器正在关闭",
  request_timeout: "请求用时太长",
  request_too_large: "请求大于各个服务之间能传送的大小",
  answer_too_large: "回答大于各个服务之间能传送的大小",
  stale_epoch: "这个运行现在归另一个进程",
  duplicate_key: "这个键已经存在",
  internal: "服务器内部出错",
};

export const CONNECTION = { en, zh };
