// Passwords, registration, accounts and their keys.
import type { Phrase } from "./phrase.ts";

export const ACCOUNTS: readonly Phrase[] = [
  ["E-mail or password is wrong.", "邮箱或密码不正确。"],
  ["The current password is wrong: give the one you log in with.", "当前密码不正确：请输入登录所用的密码。"],
  [
    'The account has no password: leave "current_password" out.',
    '这个账户没有密码：请不要写 "current_password"。',
  ],
  ['"current_password" {fault}.', "“current_password”{fault}。"],
  ["is needed: {what} is asked for with the password", "没有写：这样做要用密码确认"],
  ["Too many wrong passwords. Wait before the next try.", "密码错误的次数太多。请稍后再试。"],
  ["Too many wrong codes. Wait before the next try.", "登录码错误的次数太多。请稍后再试。"],
  [
    "This sign-in code is not valid: it was used, or is older than ten minutes. npm run console makes another.",
    "这个登录码无效：已经用过，或者超过了十分钟。npm run console 可以再生成一个。",
  ],
  [
    "An API key that expires makes no sign-in code: the login would outlive it.",
    "有期限的 API 密钥不能生成登录码：登录会比它更长久。",
  ],
  [
    "This browser has no login that can be gone on with: log in again.",
    "这个浏览器里没有可以继续的登录：请重新登录。",
  ],
  [
    "Only a page of this server may use the cookie of a login.",
    "只有这个服务器自己的网页可以使用登录的 Cookie。",
  ],
  ["Too many passwords are being checked. Try again in a moment.", "正在核对的密码太多。请稍后再试。"],
  [
    "The password {fault}: choose another, e.g. a few unrelated words.",
    "密码{fault}：请换一个，例如几个互不相关的词。",
  ],
  ["is one of the most common passwords", "是最常见的密码之一"],
  ["is a plain row of characters", "只是一串连续的字符"],
  ["is made of the e-mail address", "由邮箱拼成"],
  [
    "New users come by invitation: ask an admin of this server to make an account.",
    "没有开放注册：请让这个服务器的管理员创建账户。",
  ],
  ["This server takes no new users.", "这个服务器不接受新用户。"],
  ["REGISTRATION=closed: this server takes no new users.", "REGISTRATION=closed：这个服务器不接受新用户。"],
  ["The registration took too long and was undone: register again.", "注册用时太长，已撤销：请重新注册。"],
  [
    "An account with this e-mail address is being made or removed: try again in a few minutes.",
    "使用这个邮箱的账户正在创建或删除：请过几分钟再试。",
  ],
  [
    "The e-mail address has an account already: log in, or use another address.",
    "这个邮箱已经有账户：请登录，或换一个邮箱。",
  ],
  [
    "This is the last admin: make another account an admin first.",
    "这是最后一个管理员：请先让另一个账户成为管理员。",
  ],
  [
    "Your own account is removed with DELETE /api/v1/users/me.",
    "自己的账户要用 DELETE /api/v1/users/me 删除。",
  ],
  ["Your own password is changed with PUT /api/v1/users/me.", "自己的密码要用 PUT /api/v1/users/me 修改。"],
  [
    "An account has at most {most} API keys: remove one first.",
    "一个账户最多有 {most} 个 API 密钥：请先删除一个。",
  ],
  [
    "This key has none of the usual scopes to pass on: name the scopes.",
    "这个密钥没有可以转授的常用权限：请写明权限。",
  ],
  ["A key cannot give what it does not have: {scopes}.", "密钥不能授予自己没有的权限：{scopes}。"],
  ["The password was changed meanwhile: give the new one.", "密码刚刚被修改：请输入新密码。"],
  ['You have no login "{id}" that goes on.', "您没有仍在继续的登录 “{id}”。"],
];
