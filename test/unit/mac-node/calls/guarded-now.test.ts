import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { GuardedNow } from "../../../../mac-node/calls/guarded-now.ts";

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-hidden-")));
  await mkdir(join(folder, "real"));
});
afterAll(() => rm(folder, { recursive: true }));

test("G29 what a hidden path leads to is hidden too, also when the link is made while the node runs", async () => {
  let time = 0;
  const [link, missing] = [join(folder, "link"), join(folder, "missing")];
  const hidden = new GuardedNow({ hidden: [link, missing], protected: [link], links: [] }, () => time);
  expect((await hidden.get()).hidden).toEqual([link, missing]);
  await symlink(join(folder, "real"), link);
  expect((await hidden.get()).hidden).toEqual([link, missing]);
  time += 2_001;
  expect(await hidden.get()).toEqual({
    hidden: [link, missing, join(folder, "real")],
    protected: [link, join(folder, "real")],
    links: [],
  });
});
