// The other end of product-probe.ts: asks a probed product for its commits and for a profile of a stretch of time.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ProbeAnswer, ProbeRequest } from "../product-probe.ts";
import type { Product } from "./product.ts";
import { type Profile, summarise } from "./profile.ts";

export async function commitsOf(product: Product): Promise<number> {
  const answer = await ask(product, { type: "commits" });
  return answer.type === "commits" ? answer.commits : 0;
}

/** Profiles the product while `work` runs: where its time went, in lines to print. */
export async function profiled(product: Product, work: () => Promise<unknown>): Promise<string[]> {
  const file = join(product.home, "bench.cpuprofile");
  await ask(product, { type: "profile.start" });
  await work();
  await ask(product, { type: "profile.stop", file });
  const profile = JSON.parse(readFileSync(file, "utf8")) as Profile;
  rmSync(file);
  return summarise(profile);
}

function ask({ started }: Product, request: ProbeRequest): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    started.child.once("message", resolve);
    void started.ended.then(() => reject(new Error(`the product ended:\n${started.output()}`)));
    started.child.send(request);
  });
}
