// The seccomp program that bubblewrap gives the kernel (`--seccomp`), assembled here: classic BPF over `struct seccomp_data`
// (linux/seccomp.h, linux/filter.h). A table of numbers, so no compiler and no library is needed on the machine.
import { CONDITIONAL, type Condition, LAST_KNOWN, MISSING, type Numbers, REFUSED } from "./system-calls.ts";

export type Architecture = "x64" | "arm64";

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 (linux/audit.h): calls of another kind have other numbers. */
const ARCHITECTURES: Record<Architecture, { index: 0 | 1; audit: number }> = {
  x64: { index: 0, audit: 0xc000003e },
  arm64: { index: 1, audit: 0xc00000b7 },
};

/** BPF_LD|W|ABS, BPF_JMP|JEQ|K, JGT, JSET, BPF_RET|K. */
const LOAD = 0x20;
const EQUAL = 0x15;
const GREATER = 0x25;
const ANY_BIT = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const EPERM = 1;
const ENOSYS = 38;

const NUMBER = 0;
const AUDIT = 4;
/** The lower half of an argument, on the little-endian machines these are. */
const argument = (index: number) => 16 + 8 * index;

/** `jt` and `jf` are instructions to skip when the test is true or false. */
type Instruction = [code: number, jt: number, jf: number, k: number];

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const refuse = (error = EPERM): Instruction => [RETURN, 0, 0, ERRNO | error];
const allow: Instruction = [RETURN, 0, 0, ALLOW];

/**
 * The program for the machine's architecture, as the kernel takes it.
 * @returns undefined for an architecture whose numbers are not in the table
 */
export function seccompFilter(architecture: string): Buffer | undefined {
  if (!(architecture in ARCHITECTURES)) return undefined;
  const { index, audit } = ARCHITECTURES[architecture as Architecture];
  const rule = (numbers: Numbers, ...does: Instruction[]): Instruction[] => {
    const number = numbers[index];
    return number === null ? [] : [[EQUAL, 0, does.length, number], ...does];
  };
  return assembled([
    load(AUDIT),
    // Programs of 32 bits, and x32 below: the same calls by other numbers.
    [EQUAL, 1, 0, audit],
    refuse(ENOSYS),
    load(NUMBER),
    [GREATER, 0, 1, LAST_KNOWN],
    refuse(ENOSYS),
    ...Object.values(REFUSED).flatMap((numbers) => rule(numbers, refuse())),
    ...Object.values(MISSING).flatMap((numbers) => rule(numbers, refuse(ENOSYS))),
    ...Object.values(CONDITIONAL).flatMap(({ numbers, condition }) => rule(numbers, ...judge(condition))),
    allow,
  ]);
}

/** Ends with a return on every way. */
function judge(condition: Condition): Instruction[] {
  const at = load(argument(condition.argument));
  if ("bits" in condition) {
    const test: Instruction[] = [at, [ANY_BIT, 0, 1, condition.bits], refuse(), allow];
    const { when } = condition;
    return when ? [load(argument(when.argument)), [ANY_BIT, 0, test.length - 1, when.bits], ...test] : test;
  }
  const isAmong = "among" in condition;
  const values = isAmong ? condition.among : condition.other;
  // Each value that fits skips the others and the answer for none.
  const tests = values.map((value, n): Instruction => [EQUAL, values.length - n, 0, value]);
  return isAmong
    ? [at, ...tests, allow, refuse()]
    : [at, ...tests, refuse("error" in condition ? condition.error : EPERM), allow];
}

/** `struct sock_filter`: 16, 8, 8 and 32 bits. */
function assembled(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [n, [code, jt, jf, k]] of program.entries()) {
    bytes.writeUInt16LE(code, n * 8);
    bytes.writeUInt8(jt, n * 8 + 2);
    bytes.writeUInt8(jf, n * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, n * 8 + 4);
  }
  return bytes;
}
