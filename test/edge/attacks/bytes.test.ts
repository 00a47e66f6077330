// What no Mac says: bytes that cannot be read, and far too many of them. How: test/support/edge/attack-stage.ts.
import { connect as connectSocket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { Signer } from "../../../lib/edge/keys/signatures.ts";
import { newId } from "../../../lib/ids.ts";
import { attackStage, MIB, seedOf } from "../../support/edge/attack-stage.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { aRogue, oddities } = stage;

describe("G22 bytes that are no word of a Mac", () => {
  const bytes: [string, string, () => string | Uint8Array | object, string][] = [
    ["nothing at all", "INFO", () => "", "what cannot be read"],
    ["no JSON", "INFO", () => "{", "what cannot be read"],
    ["invalid UTF-8", "INFO", () => Buffer.from([0xff, 0xfe, 0xc3, 0x28]), "what cannot be read"],
    ["a number", "HEARTBEAT", () => "1e999999", "what cannot be read"],
    ["a list", "OUT", () => "[1]", "what cannot be read"],
    ["null", "RES", () => "null", "what cannot be read"],
    ["a text of 60 KB", "INFO", () => `"${"a".repeat(60_000)}"`, "what cannot be read"],
    ["100,000 levels", "OUT", () => `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "no plain data"],
    ["__proto__", "INFO", () => '{"__proto__":{"isAdmin":true},"instanceID":"x"}', "no plain data"],
    ["a constructor within", "INFO", () => '{"a":[{"constructor":{"prototype":{}}}]}', "no plain data"],
    ["8 MB of text", "OUT", () => `{"text":"${"a".repeat(8 * MIB - 100)}"}`, "a packet of such a size"],
    ["8 MB of a list", "INFO", () => `{"a":[${"[],".repeat(2_700_000)}0]}`, "a packet of such a size"],
    ["8 MB of digits", "HEARTBEAT", () => `{"cpu":${"1".repeat(8 * MIB - 100)}}`, "a packet of such a size"],
    ["no call", "OUT", () => ({ call_id: 5, stream: "both", text: {} }), "output of no call of its own"],
  ];

  test.each(bytes)("%s is dropped and audited", async (_name, command, data, what) => {
    const { mac, rogue } = await aRogue();
    rogue.say(command, data());
    await waitFor("it is audited", async () => (await oddities(mac)).includes(what));
    expect(Object.prototype).not.toHaveProperty("isAdmin");
    expect(stage.edge.hub().instanceOf(mac.id)).toBe(rogue.instance);
  });

  test.each<[string, (id: string) => string]>([
    ["a text of 8 MB", () => `"${"a".repeat(8 * MIB - 10)}"`],
    ["8 MB of lists", (id) => `{"id":"${id}","success":true,"data":[${"[],".repeat(2_600_000)}0]}`],
    [
      "8 MB of names",
      (id) => `{"id":"${id}","data":{${Array.from({ length: 600_000 }, (_, at) => `"k${at}":0`)}}}`,
    ],
  ])("as an answer %s costs the hub little, and others do not notice", async (_name, text) => {
    const { mac, rogue } = await aRogue();
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    rogue.answer = ({ id }) => Buffer.from(text(id));
    await expect(
      stage.edge.hub().ask(mac.id, "node.fence", { call_id: newId("call"), epoch: 1 }, { limitMs: 3_000 }),
    ).rejects.toThrow();
    await waitFor("it is audited", async () => (await oddities(mac)).includes("what cannot be read"));
    clearInterval(timer);
    console.info(`the event loop was held for ${Math.round(longest)} ms at most, making the text included`);
  });

  test("50 MB in one message end its connection to nats-server", async () => {
    const mac = await stage.edge.pair(stage.attacker, "large");
    const { jwt } = await mac.credentials();
    const socket = connectSocket({ port: stage.edge.server.port, host: "127.0.0.1" });
    let said = "";
    socket
      .on("error", () => undefined)
      .on("data", (piece) => {
        said += String(piece);
        const nonce = /"nonce":"([^"]+)"/.exec(String(piece))?.[1];
        if (nonce === undefined) return;
        const sig = new Signer(seedOf(mac)).sign(nonce);
        socket.write(`CONNECT ${JSON.stringify({ jwt, sig, verbose: false, protocol: 1 })}\r\n`);
        socket.write(`PUB MOL-edge.INFO.${mac.id}.hub.all ${50 * MIB}\r\n`);
      });
    await new Promise((resolve) => socket.once("close", resolve));
    expect(said).toMatch(/Maximum Payload Violation/);
  });
});
