// Texts of the configuration: what each setting is, and how it is changed.
import type { SettingName } from "../../contracts/settings.ts";
import { type Text, texts } from "./texts.ts";

export const CONFIG = texts({
  lead: [
    "Changes hold at once, in every process and without a restart. What is not set here is as the environment says.",
    "更改立即在所有进程中生效，无需重启。未在此设置的以环境变量为准。",
  ],
  list: ["Settings", "设置项"],
  now: ["Now", "当前"],
  otherwise: ["Otherwise", "否则为"],
  ofConfig: ["set here", "在此设置"],
  ofEnvironment: ["environment", "环境变量"],
  ofDefault: ["built in", "内置"],
  change: ["Change", "更改"],
  changeNamed: ["Change: {name}", "更改：{name}"],
  newValue: ["New value", "新值"],
  useDefault: ["Use the default", "恢复默认"],
  nothing: ["none", "无"],
  anything: ["whatever the providers offer", "服务商提供的全部"],
  first: ["the first that can be used", "第一个可用的"],
  asDefault: ["default", "默认"],
  onePerLine: ["One a line.", "每行一个。"],
  noJson: ["This is no JSON: {what}", "这不是 JSON：{what}"],
  noNumber: ["This is no number.", "这不是数字。"],
  seconds: ["{value} s", "{value} 秒"],
  meanwhile: [
    "Somebody else has changed the configuration meanwhile: {names}. Nothing was saved. Look at it as it is now, and do it again if you still want to.",
    "其他人同时更改了配置：{names}。没有保存任何内容。请查看当前的配置，仍需要时再操作一次。",
  ],
  wasAnother: [
    "This is not what it was when you began: it was {before}, and is {now}. Saving replaces that.",
    "该值在您开始编辑后已改变：原为 {before}，现为 {now}。保存将覆盖它。",
  ],
  problems: ["What is stored does not all hold:", "存储的部分内容无效："],
  unknown: [
    "Set by another version of MacJarvis, and kept as it is: {names}",
    "由其他版本的 MacJarvis 设置，原样保留：{names}",
  ],
  history: ["What was changed", "更改记录"],
  noHistory: ["Nothing was ever changed.", "从未更改过。"],
  revision: ["Revision {revision}", "版本 {revision}"],
  isNow: ["holds now", "当前生效"],
  noChange: ["nothing is set here", "没有设置任何内容"],
  same: ["the same as before", "与之前相同"],
  from: ["{before} → {after}", "{before} → {after}"],
  bringBack: ["Bring back", "恢复"],
  bringBackNamed: ["Bring back revision {revision}", "恢复版本 {revision}"],
  bringBackAsk: ["Bring back the values of revision {revision}?", "恢复版本 {revision} 的值？"],
  clear: ["Set nothing here", "清除全部设置"],
  clearAsk: ["Set nothing here any more?", "清除这里的全部设置？"],
  becomes: ["This would change:", "将会更改："],
  becomesNothing: ["Nothing would change: it is the same as now.", "不会有任何变化：与当前相同。"],
  open: ["everybody", "任何人"],
  invite: ["whom an administrator lets in", "由管理员邀请"],
  closed: ["nobody", "不开放"],
  owner: ["administrators", "仅管理员"],
  all: ["all users", "所有用户"],
  allow: ["allow", "允许"],
  ask: ["ask", "询问"],
  deny: ["deny", "拒绝"],
  read: ["Reads", "读取"],
  write: ["Writes", "写入"],
  execute: ["Executes", "执行"],
});

const TITLES = texts<SettingName>({
  registration: ["Who may register", "谁可以注册"],
  host_tools: ["Who may use this server's own machine", "谁可以使用服务器本机"],
  models: ["Models that users may choose", "用户可选的模型"],
  default_model: ["Model of a chat that names none", "未指定时使用的模型"],
  fallback_models: ["Models to try when one is down", "模型故障时依次尝试"],
  run_deadline_s: ["Longest time of a run", "任务的最长时间"],
  approval_timeout_s: ["How long a question waits for an answer", "询问等待答复的时间"],
  max_steps: ["Steps of a run that names none", "未指定时任务的步数"],
  model_idle_s: ["How long a model may be silent", "模型最长的静默时间"],
  model_load_s: ["How long a local model may load", "本地模型的加载时间"],
  anonymous_per_minute: ["Requests a minute without a credential", "无凭据的每分钟请求数"],
  policy: ["What becomes of a call that no rule decides", "没有规则时如何处理调用"],
  plan_limits: ["Limits of plans", "套餐的限额"],
  prices: ["Prices of models", "模型的价格"],
});

const WORDS = texts<SettingName>({
  registration: ["For registrations and invitations from then on.", "对此后的注册和邀请生效。"],
  host_tools: [
    "For runs, lists and direct calls from then on; a run keeps what it was offered.",
    "对此后的任务、列表和直接调用生效；进行中的任务保留已提供的工具。",
  ],
  models: ["As provider/model. For chats from then on.", "格式为 服务商/模型，对此后的对话生效。"],
  default_model: ["As provider/model. For chats from then on.", "格式为 服务商/模型，对此后的对话生效。"],
  fallback_models: [
    "In this order. For questions to models from then on.",
    "按此顺序，对此后向模型的请求生效。",
  ],
  run_deadline_s: [
    "In seconds. For runs that start, or are taken up after a wait, from then on.",
    "单位为秒，对此后开始或等待后继续的任务生效。",
  ],
  approval_timeout_s: [
    "In seconds; after that it expires. For questions asked from then on.",
    "单位为秒，超过后失效。对此后的询问生效。",
  ],
  max_steps: ["1 to 100. For runs accepted from then on.", "1 到 100，对此后的任务生效。"],
  model_idle_s: [
    "In seconds without a byte, after which it counts as hanging. For questions to models from then on.",
    "单位为秒，超过后视为无响应。对此后向模型的请求生效。",
  ],
  model_load_s: [
    "In seconds, before the first word of a model of this machine or network. For questions to models from then on.",
    "单位为秒，指本机或本网络的模型输出首个字之前的时间。对此后向模型的请求生效。",
  ],
  anonymous_per_minute: ["By address. For requests from then on.", "按地址计算，对此后的请求生效。"],
  policy: [
    "By the risk of the tool; rules of the user win. For calls planned from then on.",
    "按工具的风险，用户自己的规则优先。对此后计划的调用生效。",
  ],
  plan_limits: [
    "By plan, instead of the plan's own; null is no limit; a user's own limits still win. For runs accepted from then on.",
    "按套餐，代替套餐自身的限额；null 表示无限制；用户的单独限额仍然优先。对此后的任务生效。",
  ],
  prices: [
    "By provider/model, in US dollars for a million tokens, instead of the built-in list. For model steps from then on.",
    "按 服务商/模型，每百万 token 的美元价格，代替内置价格表。对此后的模型调用生效。",
  ],
});

/** A setting of a newer server has no words of its own here: its name and the server's description are shown. */
export const titleOf = (name: string): string => (TITLES as Partial<Record<string, Text>>)[name]?.() ?? name;
export const wordsOf = (name: string): string | undefined =>
  (WORDS as Partial<Record<string, Text>>)[name]?.();
