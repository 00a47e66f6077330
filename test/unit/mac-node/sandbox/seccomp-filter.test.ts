// The program is run here as the kernel runs it, for both architectures; that the kernel takes it is tested by the commands
// in sandboxed-commands.test.ts.
import { describe, expect, test } from "@jest/globals";
import { seccompFilter } from "../../../../mac-node/sandbox/seccomp-filter.ts";

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 };
type Call = { number: number; args?: number[]; audit?: number };

/** What the filter says to a call: "allow", or the number of the error. */
function judged(
  architecture: "x64" | "arm64",
  { number, args = [], audit = AUDIT[architecture] }: Call,
): unknown {
  const program = seccompFilter(architecture) ?? Buffer.alloc(0);
  const data = Buffer.alloc(64);
  data.writeInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  for (const [n, value] of args.entries()) data.writeBigUInt64LE(BigInt(value), 16 + 8 * n);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const [code, jt, jf] = [program.readUInt16LE(at * 8), program[at * 8 + 2] ?? 0, program[at * 8 + 3] ?? 0];
    const k = program.readUInt32LE(at * 8 + 4);
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x06) return k === 0x7fff0000 ? "allow" : k - 0x00050000;
    else {
      const isTrue =
        code === 0x15 ? accumulator === k : code === 0x25 ? accumulator > k : (accumulator & k) >>> 0 !== 0;
      at += isTrue ? jt : jf;
    }
  }
  throw new Error("the program ends without an answer");
}

const EPERM = 1;
const ENOSYS = 38;
const O_CREAT = 0o100;

describe("G29 the filter of system calls", () => {
  test.each([
    ["ptrace", 101, 117, []],
    ["keyctl", 250, 219, []],
    ["bpf", 321, 280, []],
    ["userfaultfd", 323, 282, []],
    ["perf_event_open", 298, 241, []],
    ["mount", 165, 40, []],
    ["unshare of users", 272, 97, [0x10000000]],
    ["unshare of time", 272, 97, [0x80]],
    ["clone with a namespace", 56, 220, [0x10000000 | 17]],
    ["kexec_load", 246, 104, []],
    ["a setuid chmod", 91, 52, [3, 0o4755]],
    ["a setgid fchmodat", 268, 53, [0, 0, 0o2755]],
    ["fchmodat2", 452, 452, [0, 0, 0o6755]],
    ["a setuid file that is made", 257, 56, [0, 0, O_CREAT, 0o4755]],
    ["one without a name", 257, 56, [0, 0, 0o20200000, 0o4755]],
    ["typing into a terminal", 16, 29, [0, 0x5412]],
    ["the same with bits above those the kernel reads", 16, 29, [0, 0x100005412]],
    ["no random addresses", 135, 92, [0x0040000]],
  ])("refuses %s", (_what, x64, arm64, args) => {
    expect(judged("x64", { number: x64, args })).toBe(EPERM);
    expect(judged("arm64", { number: arm64, args })).toBe(EPERM);
  });

  test.each([
    ["read", 0, 63, []],
    ["execve", 59, 221, []],
    ["a thread", 56, 220, [0x3d0f00]],
    ["a process", 56, 220, [0x1200011]],
    ["an ordinary chmod", 91, 52, [3, 0o755]],
    ["a file that is made", 257, 56, [0, 0, O_CREAT, 0o644]],
    ["a file that is opened, whatever stands where the mode would", 257, 56, [0, 0, 0, 0o4755]],
    ["an ordinary ioctl", 16, 29, [0, 0x5401]],
    ["a UNIX socket", 41, 198, [1]],
    ["an IPv6 socket", 41, 198, [10]],
    ["asking for the personality", 135, 92, [0xffffffff]],
    ["file_setattr, the last that was known", 469, 469, []],
  ])("allows %s", (_what, x64, arm64, args) => {
    expect(judged("x64", { number: x64, args })).toBe("allow");
    expect(judged("arm64", { number: arm64, args })).toBe("allow");
  });

  test.each([2, 83, 85, 90, 133])("refuses set-id bits of the old call %i, which only x64 has", (number) => {
    const mode = number === 2 ? [0, O_CREAT, 0o4755] : [0, 0o4755];
    expect(judged("x64", { number, args: mode })).toBe(EPERM);
  });

  test("io_uring, clone3, openat2 and what came later are missing, so that programs do without", () => {
    for (const architecture of ["x64", "arm64"] as const)
      for (const number of [425, 426, 427, 435, 437, 470, 10_000])
        expect(judged(architecture, { number })).toBe(ENOSYS);
  });

  test("no family of sockets reaches past the network namespace", () => {
    for (const family of [0, 3, 15, 17, 21, 31, 38, 40, 44])
      for (const [architecture, number] of [
        ["x64", 41],
        ["x64", 53],
        ["arm64", 198],
      ] as const)
        expect(judged(architecture, { number, args: [family] })).toBe(97);
  });

  test("calls by the numbers of another kind of program are missing: i386, x32, arm", () => {
    for (const audit of [0x40000003, 0x40000028]) expect(judged("x64", { number: 0, audit })).toBe(ENOSYS);
    expect(judged("x64", { number: 0x40000000 + 101 })).toBe(ENOSYS);
    expect(judged("arm64", { number: 63, audit: 0x40000028 })).toBe(ENOSYS);
  });

  test("there is none for an architecture whose numbers are not known", () => {
    expect(seccompFilter("riscv64")).toBeUndefined();
  });
});
