// What a person reads who asks the address of the server without a browser: where to chat, and where the routes are.
import type { IncomingMessage, ServerResponse } from "node:http";

export function sendWelcome(request: IncomingMessage, response: ServerResponse): void {
  const url = `http://${request.headers.host ?? "127.0.0.1:3000"}`;
  const language = prefersChinese(request.headers["accept-language"]) ? "zh-CN" : "en";
  const page = PAGES[language](url);
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Language": language,
    "Content-Length": Buffer.byteLength(page),
    "Cache-Control": "no-store",
  });
  response.end(page);
}

/** Whether Chinese comes before English in what the browser asks for (RFC 9110, 12.5.4). */
function prefersChinese(accepted = ""): boolean {
  const ranges = accepted.split(",").map((range) => {
    const [tag = "", ...parameters] = range
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const best = (language: string) =>
    Math.max(0, ...ranges.filter(({ tag }) => tag.split("-")[0] === language).map(({ quality }) => quality));
  return best("zh") > best("en");
}

const PAGES = {
  en: (url: string) => `MacJarvis is running here. Open this address in a browser: ${url}

Or chat in a terminal, in the folder of MacJarvis:

  MACJARVIS_URL=${url} npm run chat

Or over HTTP, with an API key: the owner's is in owner.key in the data folder, usually ~/.macjarvis; an account of your own
(POST /api/v1/users/register) makes its own (POST /api/v1/users/me/keys).

  export MACJARVIS_KEY=$(cat ~/.macjarvis/owner.key)
  curl -N ${url}/api/v1/agent/chat \\
    -H "Authorization: Bearer $MACJARVIS_KEY" -H "Content-Type: application/json" \\
    -d '{"message": "How full is my disk?"}'

All routes: ${url}/api/docs
Health:     ${url}/api/v1/health/ready
`,
  "zh-CN": (url: string) => `MacJarvis 正在这里运行。请用浏览器打开这个地址：${url}

或在终端里对话（在 MacJarvis 的目录里）：

  MACJARVIS_URL=${url} npm run chat

或通过 HTTP，使用 API 密钥：所有者的密钥在数据目录的 owner.key 里，通常是 ~/.macjarvis；
自己的账户（POST /api/v1/users/register）可以创建自己的密钥（POST /api/v1/users/me/keys）。

  export MACJARVIS_KEY=$(cat ~/.macjarvis/owner.key)
  curl -N ${url}/api/v1/agent/chat \\
    -H "Authorization: Bearer $MACJARVIS_KEY" -H "Content-Type: application/json" \\
    -d '{"message": "磁盘用了多少？"}'

所有路由：${url}/api/docs
运行状态：${url}/api/v1/health/ready
`,
};
