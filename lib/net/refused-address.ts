// What is said of an address that no tool may reach (G28), and of a name without one: the same words whatever tool asked.
import type { ResolvedAddress } from "./lookup-name.ts";
import { refusalOf } from "./public-address.ts";

/** @param name as it was asked for; @param addresses what it led to, all of them refused */
export function addressRefused(name: string, addresses: (string | ResolvedAddress)[]) {
  const reasons = addresses.map((entry) => {
    const address = typeof entry === "string" ? entry : entry.address;
    return `${address}, which is ${refusalOf(address) ?? "not allowed here"}`;
  });
  const [first] = addresses;
  const isLiteral = (typeof first === "string" ? first : first?.address) === name;
  return {
    code: "address_refused" as const,
    message: `${isLiteral ? "" : `${name} leads to `}${[...new Set(reasons)].join("; ")}: only public internet addresses may be reached.`,
  };
}

export function unknownName(hostname: string) {
  return {
    code: "dns_failed" as const,
    message: `The name ${hostname} has no address: check how it is spelled.`,
  };
}

/** @param host in its one spelling */
export function notAskedAbout(host: string) {
  return {
    code: "host_not_asked" as const,
    message: `Nobody was asked whether data may be sent to ${host}, so nothing was.`,
  };
}
