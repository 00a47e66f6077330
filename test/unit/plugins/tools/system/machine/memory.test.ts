// Memory that programs may still have on macOS, from what `vm_stat` prints.
import { totalmem } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { parseVmStat, readMemory } from "../../../../../../plugins/tools/system/machine/memory.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";

/** macOS 14 on Apple silicon. */
const VM_STAT = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            345678.
Pages inactive:                          200000.
Pages speculative:                         1000.
Pages throttled:                              0.
Pages wired down:                        123456.
Pages purgeable:                          12345.
"Translation faults":                 123456789.
Pages copy-on-write:                    1234567.
`;

describe("memory on macOS", () => {
  test("is free with what holds files for later: that is had when a program asks", async () => {
    expect(parseVmStat(VM_STAT)).toBe(211_000 * 16_384);
    expect(await readMemory(fakeCommands({ "/usr/bin/vm_stat": VM_STAT }), "darwin")).toEqual({
      total_bytes: totalmem(),
      available_bytes: 211_000 * 16_384,
    });
  });

  test("pages of Intel Macs are smaller", () => {
    expect(parseVmStat(VM_STAT.replace("16384", "4096"))).toBe(211_000 * 4_096);
  });

  test("where vm_stat does not tell, what Node knows is better than nothing", async () => {
    expect(parseVmStat("vm_stat: failed")).toBeNull();
    expect((await readMemory(fakeCommands({}), "darwin")).available_bytes).toBeGreaterThan(0);
  });
});
