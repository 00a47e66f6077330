// Texts of the administration that are of the whole installation: usage of all, models, machines and processes.
import { texts } from "./texts.ts";

export const INSTALLATION = texts({
  usage: ["Usage", "用量"],
  models: ["Models", "模型"],
  nodes: ["Machines", "机器"],
  period: ["Period", "时间范围"],
  days: ["{count} days", "{count} 天"],
  total: ["Everybody together", "全部用户合计"],
  totalOf: ["{from} to {to}, UTC days", "{from} 至 {to}（UTC 日期）"],
  people: ["Users", "用户数"],
  underWay: [
    "Runs that have not ended: {count}. They count when they do.",
    "尚未结束的任务：{count}。结束后才计入。",
  ],
  most: ["Who used most", "用量最多的用户"],
  mostOf: [
    "{shown} of {all}, by cost, then by tokens",
    "显示 {all} 位中的 {shown} 位，按费用、再按 token 排序",
  ],
  user: ["User", "用户"],
  gone: ["account removed", "账户已删除"],
  byModel: ["By model", "按模型"],
  byModelHint: ["The model that each run was asked for with.", "按每个任务所请求的模型统计。"],
  model: ["Model", "模型"],
});

export const MODELS = texts({
  lead: [
    "What is set up, and how each process that works runs finds it. Processes learn it by asking: what was not asked lately is not known.",
    "已配置的模型，以及每个执行任务的进程所了解的情况。进程通过实际请求了解模型：近期未请求过的即为未知。",
  ],
  again: ["Check again", "重新检查"],
  providers: ["Providers", "提供方"],
  available: ["set up", "已配置"],
  unavailable: ["not available", "不可用"],
  models: ["Models", "模型"],
  isDefault: ["default", "默认"],
  fallback: ["fallback {place}", "备用 {place}"],
  notChoosable: ["not for choosing", "用户不可选"],
  window: ["Context: {tokens} tokens", "上下文：{tokens} token"],
  price: ["{input} in, {output} out a million tokens", "每百万 token：输入 {input}，输出 {output}"],
  noPrice: ["price not known", "价格未知"],
  notAsked: ["not asked yet", "尚未请求"],
  closed: ["well", "正常"],
  open: ["resting", "暂停中"],
  half_open: ["tried next", "即将重试"],
  restsFailures: ["passed over until {when}: it failed again and again", "连续失败，在 {when} 之前跳过"],
  restsProvider: [
    "passed over until {when}: its provider wants a pause",
    "提供方要求暂停，在 {when} 之前跳过",
  ],
  lastHour: ["last hour: asked {asked}, failed {failed}", "最近一小时：请求 {asked} 次，失败 {failed} 次"],
  firstWord: ["first word after {time}", "首个词用时 {time}"],
  success: ["last answer {when}", "上次成功 {when}"],
  failure: ["last failure {when}", "上次失败 {when}"],
  inProcess: ["in {process}", "进程 {process}"],
  processes: ["Processes that ask models", "请求模型的进程"],
  checked: ["checked {when}", "检查于 {when}"],
  silent: ["did not answer", "没有响应"],
  silentWords: [
    "It did not answer in time: how its models are is not known now.",
    "它没有及时响应：目前不知道它的模型状况。",
  ],
  server: ["Server of {provider}", "{provider} 的服务器"],
  answers: ["answers", "有响应"],
  notLooked: ["not looked at yet", "尚未检查"],
  fault: ["fault", "故障"],
  noServers: ["No model server is looked at.", "没有需要检查的模型服务器。"],
});

export const MACHINES = texts({
  list: ["Macs of all users", "所有用户的 Mac"],
  lead: [
    "A Mac is used by its owner and by those whom it is shared with; being an administrator opens none. You see that it is there, and can revoke it.",
    "Mac 仅供其所有者及被共享者使用，管理员身份并不赋予使用权。您可以看到它的存在，并可撤销它。",
  ],
  none: ["No Mac is paired.", "没有已配对的 Mac。"],
  ownerGone: ["owner not known", "所有者未知"],
  revokeAsk: ["Revoke “{name}”?", "撤销“{name}”？"],
  revokeWords: [
    "The Mac of {owner} is cut off at once and for good: what runs there is ended, its shares end with it. It has to be paired anew to come back. The audit trail says that it was you.",
    "{owner} 的这台 Mac 将立即永久断开：正在运行的一切会结束，共享也随之结束。要恢复必须重新配对。审计记录会注明操作者是您。",
  ],
  processes: ["Processes of the server", "服务器进程"],
  there: ["there", "在线"],
  lost: ["lost", "失联"],
  started: ["running since {when}", "启动于 {when}"],
  seen: ["heard {when}", "最后联系 {when}"],
  thisOne: ["answers you now", "正在为您作答"],
  mixed: [
    "The processes are not of one version: bring them all to the same soon.",
    "这些进程版本不一致：请尽快全部升级到同一版本。",
  ],
});
