// Who may do what: identity, tokens, scopes of keys.
import type { Phrase } from "./phrase.ts";

export const RIGHTS: readonly Phrase[] = [
  ["Only a core service may call this.", "只有核心服务可以这样调用。"],
  ["Only an admin may do this.", "只有管理员可以这样做。"],
  ["The API key needs the scope {scopes}.", "这个 API 密钥需要权限 {scopes}。"],
  [
    "The API key needs the scope {scopes} to remember the answer as a rule.",
    "要把回答记成规则，这个 API 密钥需要权限 {scopes}。",
  ],
  [
    "The API key needs the scope {scopes} to choose other arguments.",
    "要改用别的参数，这个 API 密钥需要权限 {scopes}。",
  ],
  [
    "{what} needs a login, or an API key that has all scopes.",
    "{what}需要登录，或用拥有全部权限的 API 密钥。",
  ],
  ["Making an admin", "设立管理员"],
  ["Changing the policy, or who may use this machine's tools,", "改动规则，或改动谁可以使用这台机器的工具，"],
  ["Setting the password of an account", "设置账户的密码"],
  ["A new password of an account that has no password", "为没有密码的账户设置密码"],
  ["The removal of an account that has no password", "删除没有密码的账户"],
  ["The call carries no identity.", "这个调用没有身份。"],
  ["The identity of the call has expired.", "这个调用的身份已过期。"],
  ["The identity of the call is not valid.", "这个调用的身份无效。"],
  [
    "The token is not valid: log in again, or use an API key that exists.",
    "令牌无效：请重新登录，或使用存在的 API 密钥。",
  ],
  [
    "The access token has expired: get a new one with the refresh token.",
    "访问令牌已过期：请用刷新令牌换一个新的。",
  ],
  ["The refresh token is not valid: log in again.", "刷新令牌无效：请重新登录。"],
  [
    "The refresh token was just used: go on with the tokens that use has given.",
    "刷新令牌刚刚用过：请使用那一次得到的令牌。",
  ],
  [
    "The refresh token was used before, so this login was ended: log in again.",
    "刷新令牌以前用过，这次登录已失效：请重新登录。",
  ],
  ["The account is disabled: ask an admin of this server.", "账户已停用：请联系这个服务器的管理员。"],
  ["The account was disabled: ask an admin of this server.", "账户已被停用：请联系这个服务器的管理员。"],
  ["The account has lost rights that this was begun with: ask again.", "账户的权限变少了：请重新发出请求。"],
  [
    "The login or key that this was begun with has ended: log in again, or use another key.",
    "开始时所用的登录或密钥已失效：请重新登录，或换一个密钥。",
  ],
  ['Only an admin can make a key with the scope "admin".', '只有管理员可以创建带 "admin" 权限的密钥。'],
];
