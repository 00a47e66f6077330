// The address rule as a table.
import os from "node:os";
import { describe, expect, jest, test } from "@jest/globals";
import { isPublicAddress, refusalOf } from "../../../../lib/net/public-address.ts";

const REFUSED = [
  ["loopback", "127.0.0.1", "127.255.255.254", "::1"],
  ["unspecified", "0.0.0.0", "0.1.2.3", "::"],
  ["private", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ["unique local", "fc00::1", "fd00:ec2::254", "fdff::1"],
  ["site local", "fec0::1"],
  ["link-local and metadata", "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0"],
  ["a provider's inner network", "100.64.0.1", "100.100.100.200", "100.127.255.255"],
  ["a platform's inner service", "168.63.129.16"],
  ["multicast", "224.0.0.1", "239.255.255.250", "ff02::1"],
  ["broadcast", "255.255.255.255"],
  ["reserved", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1"],
  ["reserved IPv6", "2001:db8::1", "3fff::1", "100::1", "4000::1", "2001:2::1", "5f00::1"],
  ["IPv4-mapped", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:8.8.8.8"],
  ["IPv4-compatible", "::127.0.0.1", "::7f00:1", "::a00:1"],
  ["IPv4-translated", "::ffff:0:127.0.0.1", "::ffff:0:10.0.0.1"],
  ["NAT64", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1"],
  ["6to4", "2002:7f00:1::1", "2002:a00:1::", "2002:a9fe:a9fe::1"],
  ["teredo", "2001:0:7f00:1::1", "2001::1"],
  ["ISATAP", "2a00:1450::5efe:7f00:1", "2a00:1450::200:5efe:10.0.0.1", "2606:4700::5efe:192.168.1.1"],
  ["odd spellings", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "", "example.com"],
] as const;

describe("the address rule", () => {
  test.each(REFUSED)("G28 refuses %s", (_kind, ...addresses) => {
    for (const address of addresses)
      expect({ address, public: isPublicAddress(address) }).toEqual({ address, public: false });
  });

  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "93.184.215.14",
    "172.15.0.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "64:ff9b::8.8.8.8",
    "2a00:1450:4001:5efe::1",
    "2a00:1450:4001::1:5efe",
  ])("allows the public address %s", (address) => {
    expect(refusalOf(address)).toBeNull();
  });

  test("says in words what a refused address is", () => {
    expect(refusalOf("127.0.0.1")).toBe("this machine itself");
    expect(refusalOf("169.254.169.254")).toContain("metadata");
  });

  test.each([
    ["8.8.8.8", "8.8.8.8"],
    ["2606:4700::1111", "2606:4700:0:0:0:0:0:1111"],
    ["2606:4700::1111", "2606:4700::1111%eth0"],
    ["64:ff9b::8.8.8.8", "8.8.8.8"],
    ["8.8.8.8", "::ffff:8.8.8.8"],
  ])("G28 refuses %s when it is this machine's own, spelled %s", (address, own) => {
    expect(refusalOf(address, ["192.168.1.7", "fe80::1%eth0", own])).toBe("this machine itself");
    expect(refusalOf(address, ["192.168.1.7", "fe80::1%eth0"])).toBeNull();
  });

  test("G28 looks for the machine's own addresses each time", () => {
    const entry = {
      address: "8.8.4.4",
      netmask: "",
      family: "IPv4",
      mac: "",
      internal: false,
      cidr: null,
    } as const;
    expect(isPublicAddress("8.8.4.4")).toBe(true);
    const spy = jest.spyOn(os, "networkInterfaces").mockReturnValue({ eth0: [entry] });
    expect(isPublicAddress("8.8.4.4")).toBe(false);
    spy.mockRestore();
    expect(isPublicAddress("8.8.4.4")).toBe(true);
  });
});
