// What is wrong with a model, its server or its answer.
import type { Phrase } from "./phrase.ts";

export const MODELS: readonly Phrase[] = [
  ["the server of {provider} {what}: {advice}", "{provider} 的服务器{what}：{advice}"],
  ["The server of {provider} {what}: {advice}", "{provider} 的服务器{what}：{advice}"],
  ["refuses connections", "拒绝连接"],
  ["cannot be found by its name", "的名字无法解析"],
  ["cannot be reached", "无法连接"],
  ["cannot be reached, it closes connections without an answer", "无法连接，它不应答就关闭连接"],
  ["cannot be reached, it does not take connections", "无法连接，它不接受连接"],
  [
    "cannot be reached, perhaps because of the proxy in {variable}",
    "无法连接，也许与 {variable} 里的代理有关",
  ],
  ["has a certificate that is not trusted", "的证书不受信任"],
  ["answers, but has no models", "有应答，但没有模型"],
  ["takes connections, but does not answer", "接受连接，但没有应答"],
  ["refuses the key (HTTP {status})", "不接受这个密钥（HTTP {status}）"],
  ["wants a key (HTTP {status})", "需要密钥（HTTP {status}）"],
  ["does not let the key in (HTTP {status})", "不允许这个密钥访问（HTTP {status}）"],
  ["says that the account has no credit left (HTTP {status})", "说账户余额已用完（HTTP {status}）"],
  ["limits our requests now (HTTP {status})", "正在限制我们的请求（HTTP {status}）"],
  ["has no list of models at this address (HTTP {status})", "在这个地址没有模型列表（HTTP {status}）"],
  ["has a fault of its own (HTTP {status})", "自身出错（HTTP {status}）"],
  ["refuses to list its models (HTTP {status})", "拒绝列出模型（HTTP {status}）"],
  ["answers with a web page", "的应答是一个网页"],
  ["answers with something that is no model's answer", "的应答不是模型的回答"],
  ["sends requests elsewhere (HTTP {status})", "把请求转到别处（HTTP {status}）"],
  ["start it, or set {variable} to where it is", "请启动它，或把 {variable} 设为它的地址"],
  ["is it running?", "它在运行吗？"],
  ["check the network and the address.", "请检查网络和地址。"],
  ["check the network and the address", "请检查网络和地址"],
  ["check the network and the address in {variable}", "请检查网络和 {variable} 里的地址"],
  ["check it, or name the server in NO_PROXY.", "请检查它，或在 NO_PROXY 里写上这个服务器。"],
  ["check it, or name the server in NO_PROXY", "请检查它，或在 NO_PROXY 里写上这个服务器"],
  [
    "check the address, or start with NODE_EXTRA_CA_CERTS=<file of its issuer>.",
    "请检查地址，或启动时设置 NODE_EXTRA_CA_CERTS=<颁发者的证书文件>。",
  ],
  [
    "check the address, or start with NODE_EXTRA_CA_CERTS=<file of its issuer>",
    "请检查地址，或启动时设置 NODE_EXTRA_CA_CERTS=<颁发者的证书文件>",
  ],
  [
    "load one there (Ollama: `ollama pull <model>`; LM Studio: load it in the app)",
    "请在那里加载一个（Ollama：`ollama pull <模型>`；LM Studio：在应用里加载）",
  ],
  [
    "look into its log: it hangs, is loading a model, or {variable} leads to something else",
    "请查看它的日志：它卡住了、正在加载模型，或者 {variable} 指向了别的程序",
  ],
  ["look into its log or at its status page, and try again", "请查看它的日志或状态页，再试一次"],
  ["wait a while, or have the limit raised", "请稍等，或提高限额"],
  ["check its billing", "请检查它的计费"],
  ["set {KEY} to a key that it accepts", "请把 {KEY} 设为它接受的密钥"],
  ["set {KEY}", "请设置 {KEY}"],
  ["check the rights of {KEY}", "请检查 {KEY} 的权限"],
  ["check {URL}: most addresses end in /v1", "请检查 {URL}：地址通常以 /v1 结尾"],
  ["check {URL} (most addresses end in /v1).", "请检查 {URL}（地址通常以 /v1 结尾）。"],
  ["check {URL} and {KEY}", "请检查 {URL} 和 {KEY}"],
  ["set {KEY} (or {URL} for a server without a key)", "请设置 {KEY}（没有密钥的服务器则设置 {URL}）"],

  [
    "{provider} limits our requests now; try again later or choose another model.",
    "{provider} 正在限制我们的请求；请稍后再试，或换一个模型。",
  ],
  ["{provider} limits our requests now", "{provider} 正在限制我们的请求"],
  [
    "{provider} has a fault of its own{how}; try again later or choose another model.",
    "{provider} 自身出错{how}；请稍后再试，或换一个模型。",
  ],
  ["{provider} has a fault of its own{how}", "{provider} 自身出错{how}"],
  [" (HTTP {status})", "（HTTP {status}）"],
  [
    '"{model}" sent nothing for {seconds} s ({variable}); ask again or choose another model.',
    "“{model}”有 {seconds} 秒没有发来任何内容（{variable}）；请再问一次，或换一个模型。",
  ],
  [
    '"{model}" sent nothing for {seconds} s ({variable})',
    "“{model}”有 {seconds} 秒没有发来任何内容（{variable}）",
  ],
  ["{reason}; {model} is asked instead", "{reason}；改问 {model}"],
  [
    "The account at {provider} has no credit left: check its billing.",
    "{provider} 的账户余额已用完：请检查它的计费。",
  ],
  ["The account at {provider} has no credit left", "{provider} 的账户余额已用完"],
  [
    'The conversation is too long for "{model}": start a new session or choose a model with a larger context window.',
    "对话对“{model}”来说太长：请开始新的会话，或换一个上下文更大的模型。",
  ],
  ['The conversation is too long for "{model}"', "对话对“{model}”来说太长"],
  [
    '"{model}" takes no tools as {provider} serves it: choose another model, or send `tools: []` to chat only. (vLLM takes them with --enable-auto-tool-choice and --tool-call-parser, llama.cpp with --jinja.)',
    "{provider} 上的“{model}”不能使用工具：请换一个模型，或发送 `tools: []` 只对话。（vLLM 要加 --enable-auto-tool-choice 和 --tool-call-parser，llama.cpp 要加 --jinja。）",
  ],
  ["{provider} refused the API key: check {variable}.", "{provider} 拒绝了 API 密钥：请检查 {variable}。"],
  ["{provider} refused the API key", "{provider} 拒绝了 API 密钥"],
  [
    'The API key may not use "{model}": check the rights of {variable} or choose another model.',
    "这个 API 密钥不能使用“{model}”：请检查 {variable} 的权限，或换一个模型。",
  ],
  ['The API key may not use "{model}"', "这个 API 密钥不能使用“{model}”"],
  [
    '{provider} does not know "{model}": choose another model, or check {variable}.',
    "{provider} 没有“{model}”这个模型：请换一个模型，或检查 {variable}。",
  ],
  ['{provider} does not know "{model}"', "{provider} 没有“{model}”这个模型"],
  [
    "{provider} refused the request (HTTP {status}): try another model, fewer tools or a shorter message.",
    "{provider} 拒绝了请求（HTTP {status}）：请换一个模型、减少工具或缩短消息。",
  ],
  [
    "The settings of {provider} cannot be used: check {key} and {url}.",
    "{provider} 的设置不能使用：请检查 {key} 和 {url}。",
  ],
  [
    "{provider} broke off its answer before the end; ask again to have it anew.",
    "{provider} 在结束之前中断了回答；请再问一次。",
  ],
  ["{provider} broke off its answer before the end", "{provider} 在结束之前中断了回答"],
  [
    '{provider} withheld the answer of "{model}" (its content filter): put the question in another way or choose another model.',
    "{provider} 的内容过滤拦下了“{model}”的回答：请换一种问法，或换一个模型。",
  ],
  [
    '{provider} cut off the answer of "{model}" (its content filter): put the question in another way or choose another model.',
    "{provider} 的内容过滤截断了“{model}”的回答：请换一种问法，或换一个模型。",
  ],
  [
    '"{model}" of {provider} did not manage to call a tool in a form that can be read; ask again, in other words, or choose another model.',
    "{provider} 的“{model}”没能以可以读懂的形式调用工具；请换一种说法再问，或换一个模型。",
  ],
  [
    '"{model}" of {provider} ended its answer without a word and without a call; ask again, in other words, or choose another model.',
    "{provider} 的“{model}”既没有说话也没有调用工具就结束了回答；请换一种说法再问，或换一个模型。",
  ],
  [
    '{provider} ended the answer for a reason of its own ("{word}"), so it may not be whole; ask again to have it anew.',
    "{provider} 因自身的原因（“{word}”）结束了回答，回答可能不完整；请再问一次。",
  ],
  [
    '"{model}" cannot be used now: choose another model, or set its provider\'s API key.',
    "现在不能使用“{model}”：请换一个模型，或设置它的供应商的 API 密钥。",
  ],
  ['The model "{model}" cannot be used: {reason}.', "不能使用模型“{model}”：{reason}。"],
  ["it is not set up", "它没有设置好"],
  [
    'There is no model "{model}" here. The list of those there are: GET /api/v1/agent/models, or /models in the chat.',
    "这里没有模型“{model}”。有哪些模型：在对话里用 /models 查看，或用 GET /api/v1/agent/models。",
  ],
  ["resumed", "服务器重新接手了这个运行"],
  ["events_lost", "服务器丢失了这个运行的一部分事件"],

  ["{variable} names {model}, and {fault}", "{variable} 里有 {model}，而{fault}"],
  [
    'there is no provider "{name}": use {known}, or set {variable} to the OpenAI-compatible server of that name',
    "没有“{name}”这个供应商：请用 {known}，或把 {variable} 设为叫这个名字的 OpenAI 兼容服务器",
  ],
  ['there is no provider "{name}": use {known}', "没有“{name}”这个供应商：请用 {known}"],
  ["{first} or demo", "{first} 或 demo"],
];
