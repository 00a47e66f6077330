// What became of a request whose way between the server's services was cut.
import type { Phrase } from "./phrase.ts";

export const BETWEEN_SERVICES: readonly Phrase[] = [
  [
    "What is asked has {bytes} bytes; the services of the server pass on {most} at most. Nothing was done; send less at once.",
    "请求有 {bytes} 字节；服务器的各个服务之间最多传送 {most} 字节。什么都没有执行；请一次少发一些。",
  ],
  [
    "The answer has {bytes} bytes; the services of the server pass on {most} at most. What was asked has been done; ask for less at once.",
    "回答有 {bytes} 字节；服务器的各个服务之间最多传送 {most} 字节。所要求的已经执行；请一次少要一些。",
  ],
  [
    "The services of the server cannot reach one another now: NATS is away. Nothing was done; try again.",
    "服务器的各个服务现在无法互相联系：NATS 不可用。什么都没有执行；请再试一次。",
  ],
  [
    "The process that was asked stopped before it began. Nothing was done; try again.",
    "被请求的进程在开始之前停止了。什么都没有执行；请再试一次。",
  ],
  [
    "The process that was asked stood still and had not begun. Nothing was done; try again.",
    "被请求的进程停顿了，还没有开始。什么都没有执行；请再试一次。",
  ],
  [
    "The connection between the server's services was cut while this was under way. It may have been done.",
    "进行到一半时，服务器各个服务之间的连接断了。所要求的可能已经执行。",
  ],
  [
    "What is asked has {bytes} bytes, which go by the store of objects, and that cannot be used now. Nothing was done; try again.",
    "请求有 {bytes} 字节，要经由对象存储传送，而它现在不能使用。什么都没有执行；请再试一次。",
  ],
  [
    "The answer has {bytes} bytes, which go by the store of objects, and that cannot be used now. What was asked has been done.",
    "回答有 {bytes} 字节，要经由对象存储传送，而它现在不能使用。所要求的已经执行。",
  ],
  [
    "What is asked could not be read from the store of objects. Nothing was done; try again.",
    "无法从对象存储中读取请求的内容。什么都没有执行；请再试一次。",
  ],
  [
    "The answer could not be read from the store of objects. What was asked has been done.",
    "无法从对象存储中读取回答。所要求的已经执行。",
  ],
  [
    "The result of the call could not be fetched. It may have been run.",
    "无法取得这次调用的结果。它可能已经执行。",
  ],
];
