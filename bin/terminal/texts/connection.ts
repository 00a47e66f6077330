// Texts about the way to the server: why it cannot be reached, and what to do. Networks speak in codes, people do not.
import { refusalInChinese } from "../../../lib/client/phrases.ts";

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
  refusal: refusalInChinese,
};

export const CONNECTION = { en, zh };
