// Files that go with messages: chosen, pasted, uploaded, shown and downloaded.
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { composer, ended } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";

const tested = useConsole();

const HOSTILE = "<img src=x onerror=alert(1)>.txt";
const picture = () =>
  sharp({ create: { width: 30, height: 20, channels: 3, background: "red" } })
    .png()
    .toBuffer();
async function person() {
  return (await tested.open()).page;
}

test("files go with a message, are shown with it also after a reload, and can be downloaded", async () => {
  const page = await person();
  await page.locator(".file-input").setInputFiles([
    { name: "red.png", mimeType: "image/png", buffer: await picture() },
    { name: HOSTILE, mimeType: "text/plain", buffer: Buffer.from("what is in it") },
  ]);
  await page.getByText("Write what to do with the files").waitFor();
  await page.locator(".composer .file-picture").waitFor();
  await composer(page).press("Enter");
  expect(await page.locator(".said").count()).toBe(0);
  await composer(page).fill("look at these");
  const send = page.getByRole("button", { name: "Send", exact: true });
  await send.click();
  await ended(page).waitFor();
  expect(await page.locator(".composer .file").count()).toBe(0);
  expect(JSON.stringify(tested.stack.fake.requests.at(-1))).toContain("what is in it");
  await page.reload();
  const shown = page.locator(".said img.large");
  await shown.waitFor();
  const width = await page.evaluate(`(async () => {
    const image = document.querySelector(".said img.large");
    await image.decode();
    return image.naturalWidth;
  })()`);
  expect(width).toBe(30);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page
      .locator(".said")
      .getByRole("button", { name: `Download ${HOSTILE}` })
      .click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe("what is in it");
});

test("one that is too large is refused before it is sent, and keeps the message back until it is removed", async () => {
  const one = await tested.open();
  const { page, requests } = one;
  await page.locator(".file-input").setInputFiles({
    ...{
      name: "large.bin",
      mimeType: "application/octet-stream",
      buffer: Buffer.alloc(10 * 1024 * 1024 + 1),
    },
  });
  await page.getByText("which is the most for a file").waitFor();
  await composer(page).fill("with it");
  await page.getByText("Remove what could not be uploaded").waitFor();
  expect(await page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Remove large.bin" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await ended(page).waitFor();
  expect(requests.filter((url) => url.includes("/files"))).toEqual([]);
});

test("what is pasted is attached", async () => {
  const page = await person();
  await page.evaluate(`(() => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["pasted"], "pasted.txt", { type: "text/plain" }));
    document.querySelector(".composer textarea").dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  })()`);
  await page.locator(".composer .file").getByText("6 byte").waitFor();
});

test("files are dropped on the composer, and nowhere else: the page stays, and a file with a long name stays in its place", async () => {
  const page = await person();
  const drop = (selector: string) =>
    page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["dropped"], ${JSON.stringify("long name ".repeat(12))} + ".txt", { type: "text/plain" }));
      const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
      document.querySelector(${JSON.stringify(selector)}).dispatchEvent(event);
      return event.defaultPrevented;
    })()`);
  // What is not prevented, the browser opens in place of the page.
  expect(await drop("header, .turns, body")).toBe(true);
  expect(await page.locator(".composer .file").count()).toBe(0);
  expect(await drop(".composer-box")).toBe(true);
  await composer(page).fill("look");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await ended(page).waitFor();
  const [chip, frame] = await Promise.all([
    page.locator(".said-files .file").boundingBox(),
    page.locator(".said-body").boundingBox(),
  ]);
  expect(chip?.width).toBeGreaterThan(100);
  expect(chip?.x).toBeGreaterThanOrEqual(frame?.x ?? Number.NaN);
  expect(await page.locator(".said-files .file").isVisible()).toBe(true);
});
