// Loaded before a process: the clock of its machine is five minutes behind, and its monotonic one is right.
const BEHIND_MS = 300_000;
const RealDate = Date;
const now = () => RealDate.now() - BEHIND_MS;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: unknown[]) => Reflect.construct(target, given.length === 0 ? [now()] : given),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
