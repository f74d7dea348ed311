// The whole way of a terminal on the bench, from a bare board to a closed one and back, over a console: on a stand-in, and where ESPRUINO names an interpreter on that one.

import { readdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { board } from "../../../../firmware/boards/linux.js";
import { board as pico } from "../../../../firmware/boards/pico.js";
import { currentFirmware, type Firmware } from "../../../../firmware/tools/build/build.js";
import { scriptOf } from "../../../../firmware/tools/build/tokens.js";
import { type BoardConsole, openConsole, requireConsole } from "../../../../firmware/tools/device/board-console.js";
import { lockFiles } from "../../../../firmware/tools/device/closing.js";
import { factsOf } from "../../../../firmware/tools/device/device-facts.js";
import { readLedger } from "../../../../firmware/tools/device/device-ledger.js";
import { flash, type Terminal } from "../../../../firmware/tools/device/flash.js";
import { type Message, openLink } from "../../../../firmware/tools/device/link-host.js";
import { tryToGetIn } from "../../../../firmware/tools/device/lock-check.js";
import { type OpenTerminal, openTerminal, statusOf } from "../../../../firmware/tools/device/open-terminal.js";
import { reset } from "../../../../firmware/tools/device/reset.js";
import { writeFile } from "../../../../firmware/tools/device/storage.js";
import { setFiles } from "../../../../firmware/tools/device/store-files.js";
import { update } from "../../../../firmware/tools/device/update.js";
import type { Report } from "../../../../firmware/tools/report.js";
import { EXIT } from "../../../../firmware/tools/tool-error.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";
import { BENCHES, type Bench, cutAfter, draw, failureOf, freePort, silent, startStandIn, terminalOf, WAIT_MS } from "./bench.js";

const linkPort = await freePort();
const LINK = { host: `127.0.0.1:${linkPort}` };

describe.each(BENCHES)("a terminal on the bench, on %s", (name, start) => {
  if (!start) {
    it.skip("set ESPRUINO to run it", () => undefined);
    return;
  }
  let bench: Bench;
  let firmware: Firmware;
  let terminal: Terminal;
  beforeAll(async () => {
    firmware = await currentFirmware("linux");
    terminal = terminalOf(firmware, LINK);
    bench = await start();
  }, WAIT_MS);
  afterAll(async () => {
    await bench?.close();
    rmSync("secrets/devices/bench", { recursive: true, force: true });
  });

  async function onConsole<Value>(action: (device: BoardConsole) => Promise<Value>): Promise<Value> {
    const device = await requireConsole(bench.port);
    return action(device).finally(() => device.close());
  }

  async function onTerminal<Value>(action: (open: OpenTerminal) => Promise<Value>): Promise<Value> {
    const open = await openTerminal(bench.port, board);
    return action(open).finally(() => open.device.close());
  }

  const OPTIONS = { key: SIMULATED_KEY, isLeftOpen: true };

  it("refuses another board, and writes nothing", { timeout: 60_000 }, async () => {
    const other = { ...terminal, board: pico, firmware: await currentFirmware("pico") };
    const error = await failureOf(flash(other, { port: bench.port }, silent));
    expect(error).toMatchObject({ exitCode: EXIT.wrongBoard, state: "Nothing was written to the device." });
    expect(error.message).toContain("it is a LINUX, and pico is for a PICO_R1_3");
    expect(await onConsole(async (device) => (await factsOf(device)).files)).toEqual([]);
  });

  it("does not erase another's files unless it is told to", { timeout: 60_000 }, async () => {
    await onConsole((device) => writeFile(device, "theirs", Buffer.from("keep me"), () => undefined));
    const error = await failureOf(flash(terminal, { port: bench.port }, silent));
    expect(error).toMatchObject({ exitCode: EXIT.given, state: "Nothing was written to the device." });
    expect(error.message).toContain("theirs");
    expect(await onConsole(async (device) => (await factsOf(device)).files)).toEqual(["theirs"]);
  });

  it.each([500, 20_000, 12_000])(
    "says what state an interrupted flash left, and goes on from there (cut after %i bytes)",
    { timeout: 120_000 },
    async (bytes) => {
      const cable = await cutAfter(bytes, bench.port);
      const error = await failureOf(flash(terminal, { port: cable.port, isCleared: true }, silent));
      cable.server.close();
      expect(error.exitCode).toBe(EXIT.transfer);
      expect(error.state).toBe(bytes < 1000 ? "Nothing was written to the device." : "The device is open and not a terminal yet: it does not serve.");
      await bench.powerCycle();
      const { records } = await onConsole((device) => readLedger(device, board));
      expect(records, "half an upload never starts").toEqual([]);
    },
  );

  it.each([1, 2, 3])("wherever a flash of a bare board breaks off, half of it never starts (%i)", { timeout: 120_000 }, async () => {
    await onConsole((device) => device.evaluate('require("Storage").eraseAll()'));
    const cable = await cutAfter(draw(`${name}: flash cut after bytes`, 600, 50_000), bench.port);
    const error = await failureOf(flash(terminal, { port: cable.port }, silent));
    cable.server.close();
    expect(error.exitCode).toBe(EXIT.transfer);
    await bench.powerCycle();
    expect(await onConsole(async (device) => (await readLedger(device, board)).records)).toEqual([]);
  });

  it("goes from there to serving, with nobody's hands", { timeout: 180_000 }, async () => {
    const result = await flash(terminal, { port: bench.port, isCleared: true, isLeftOpen: true }, silent);
    expect(result).toMatchObject({ device: "bench", counter: "8", configuration: 1, isClosed: false });
    const status = await onTerminal((open) => statusOf(open, SIMULATED_KEY));
    expect(status).toMatchObject({ device: "bench", problems: [], isLockInstalled: false, started: { firmware: "0.1.0", configuration: 1 } });
    expect(status.errorFlags).toEqual([]);
    expect(await onConsole(async (device) => (await factsOf(device)).files)).not.toContain("theirs");
  });

  it("sees the start of a firmware that takes the console for its link", { timeout: 120_000 }, async () => {
    const taking = { ...board, link: { driver: "serial", port: "Serial1", tx: "D14", rx: "D15", baudHz: 9600, isConsole: true } } as const;
    const result = await flash({ ...terminal, board: taking }, { port: bench.port, isLeftOpen: true }, silent);
    expect(result.configuration).toBe(1);
    const { freeVariables } = await onConsole(factsOf);
    expect(freeVariables, "it runs from flash").toBeGreaterThan(2000);
    await bench.powerCycle();
  });

  it("sees that an open terminal is open: every way of typing leads in", { timeout: 60_000 }, async () => {
    const attempts = await tryToGetIn(bench.port);
    const led = attempts.filter(({ isIn }) => isIn).map(({ way }) => way);
    for (const way of ["a line", "a line without echo", "Ctrl-E, which version"]) expect(led).toContain(way);
  });

  it("is opened by its lock for as long as that is told, and closes by itself", { timeout: 60_000 }, async () => {
    const isOpen = async (): Promise<boolean> => {
      const device = await openConsole(bench.port).catch(() => undefined);
      // Whoever was here before may have left a bracket open.
      const heard = (await device?.type('}\n\x10print("in"+6*7)\n', 500)) ?? "";
      await device?.close();
      return heard.includes("in42");
    };
    expect(await isOpen()).toBe(true);
    const [[, lock]] = (await lockFiles(board)) as [[string, Buffer]];
    const until = async (wanted: boolean): Promise<void> => {
      for (let i = 0; i < 20 && (await isOpen()) !== wanted; i++) await bench.pass(500);
    };
    await onConsole((device) => device.type(`\x10${scriptOf(lock).trim().replace(/\n/g, " ")}setTimeout(function(){lock.open(6000)},2000)\n`, 300));
    expect(await isOpen(), "closed at once").toBe(false);
    await until(true);
    expect(await isOpen(), "open for its time").toBe(true);
    await until(false);
    expect(await isOpen(), "closed by itself").toBe(false);
    // What was typed is gone with the power: its lock is not installed.
    await bench.powerCycle();
    expect(await isOpen()).toBe(true);
  });

  it("gives it another configuration, and loses no record", { timeout: 120_000 }, async () => {
    const next = terminalOf(firmware, { ...LINK, version: 2, timeoutMs: 20000 });
    await onTerminal((open) => setFiles(open, next.files, next.config, OPTIONS, silent));
    const { config, facts } = await onTerminal(async (open) => open);
    expect(config).toMatchObject({ version: 2, timeoutMs: 20000 });
    expect(facts.files).toContain(".bootcde");
    terminal = next;
  });

  it("puts the old firmware back when the new one does not come up, and loses no record", { timeout: 180_000 }, async () => {
    const before = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    const broken = { code: 'throw new Error("broken");', bytes: 26 };
    const error = await failureOf(bench.hurry(5, () => onTerminal((open) => update(open, broken, OPTIONS, silent))));
    expect(error.exitCode).toBe(EXIT.unhealthy);
    expect(error.state).toBe("The terminal is open and serves with the firmware that it had before. No record is missing.");
    const after = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    expect(after.problems).toEqual([]);
    expect(after.records.slice(0, before.records.length)).toEqual(before.records);
    expect(after.records.length).toBeGreaterThan(before.records.length);
  });

  it("gets back in when the new firmware lets nobody in, once its power was cut, and puts the old one back", { timeout: 180_000 }, async () => {
    const before = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    const silentCode = 'E.setConsole(null,{force:true});require("TelnetServer").setOptions({mode:"off"});\n';
    const told: string[] = [];
    const report: Report = {
      ...silent,
      note(text) {
        told.push(text);
        if (text.includes("cut its power")) void bench.powerCycle();
      },
    };
    const next = { code: silentCode, bytes: silentCode.length };
    const error = await failureOf(bench.hurry(5, () => onTerminal((open) => update(open, next, OPTIONS, report))));
    expect(error.state).toBe("The terminal is open and serves with the firmware that it had before. No record is missing.");
    expect(told.filter((text) => text.includes("cut its power"))).toHaveLength(1);
    const after = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    expect(after.records.slice(0, before.records.length)).toEqual(before.records);
    const files = await onConsole(async (device) => (await factsOf(device)).files);
    expect(files.filter((file) => file.startsWith(".boot"))).toEqual([".bootcde"]);
  });

  it("puts the old firmware back when the new one serves and is not heard on its link", { timeout: 180_000 }, async () => {
    const mute = firmware.code.replaceAll('require("net")', "({connect:function(){return{on:function(){},write:function(){},end:function(){}}}})");
    expect(mute).not.toBe(firmware.code);
    const options = { ...OPTIONS, link: `listen:${linkPort}` };
    const next = { code: mute, bytes: mute.length };
    const error = await failureOf(bench.hurry(5, () => onTerminal((open) => update(open, next, options, silent))));
    expect(error.message).toContain("No terminal connected");
    expect(error.state).toBe("The terminal is open and serves with the firmware that it had before. No record is missing.");
  });

  it("brings the firmware up to date, and leaves no old one behind, however often it was broken off", { timeout: 180_000 }, async () => {
    const code = `${firmware.code.trimEnd()};"another";\n`;
    const before = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    for (let i = 0; i < 3; i++) {
      const cable = await cutAfter(draw(`${name}: update cut after bytes`, 1000, 20_000), bench.port);
      const error = await failureOf(
        openTerminal(cable.port, board).then((open) =>
          update(open, { code, bytes: code.length }, OPTIONS, silent).finally(() => open.device.close()),
        ),
      );
      cable.server.close();
      expect(error.exitCode).toBe(EXIT.transfer);
      await bench.powerCycle();
    }
    await onTerminal((open) => update(open, { code, bytes: code.length }, OPTIONS, silent));
    const files = await onConsole(async (device) => (await factsOf(device)).files);
    expect(files).toContain(".bootcde");
    expect(files.filter((file) => file.startsWith("firmware."))).toEqual([]);
    expect(readdirSync("secrets/devices/bench")).toContain("firmware.old");
    const after = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    expect(after.records.slice(0, before.records.length)).toEqual(before.records);
  });

  it("refuses a ledger of another key, and a reset with another key", { timeout: 120_000 }, async () => {
    const key = Buffer.alloc(32, 1);
    const other = { ...terminal, key };
    expect(await failureOf(flash(other, { port: bench.port }, silent))).toMatchObject({
      exitCode: EXIT.ledger,
      state: "Nothing was written to the device.",
    });
    expect(await failureOf(onTerminal((open) => reset(open, key, silent)))).toMatchObject({ exitCode: EXIT.given });
    expect((await onTerminal((open) => statusOf(open, SIMULATED_KEY))).problems).toEqual([]);
  });

  it("makes a bare board of it again, with its key", { timeout: 120_000 }, async () => {
    await onTerminal((open) => reset(open, SIMULATED_KEY, silent));
    const { records } = await onConsole((device) => readLedger(device, board));
    expect(records).toEqual([]);
    const files = await onConsole(async (device) => (await factsOf(device)).files);
    expect(files).toEqual([board.flash.storageFile.name]);
  });

  it("does not close one of which a part does not work, and says so", { timeout: 120_000 }, async () => {
    bench.holdKey();
    const error = await failureOf(flash(terminal, { port: bench.port }, silent));
    expect(error).toMatchObject({ exitCode: EXIT.unhealthy, state: "The terminal is open and serves." });
    expect(error.message).toContain("a key is down");
    expect(await onConsole(async (device) => (await factsOf(device)).files)).not.toContain(".boot0");
    await onTerminal((open) => reset(open, SIMULATED_KEY, silent));
  });

  it("says so when somebody could still get in at another port", { timeout: 120_000 }, async () => {
    const open = await startStandIn();
    const error = await failureOf(flash(terminal, { port: bench.port, also: [open.port], isFaultAccepted: true }, silent));
    expect(error).toMatchObject({ exitCode: EXIT.notClosed, state: "The terminal serves, and is open." });
    expect(error.message).toContain(`${open.port}: a line`);
    await open.close();
    // The lock has closed this one: it is opened over its link, and made bare again.
    const link = await openLink(`listen:${linkPort}`, 0, () => undefined);
    await link.signedCommand({ do: "unlock", by: "9003" }, SIMULATED_KEY);
    await link.close();
    await onTerminal((each) => reset(each, SIMULATED_KEY, silent));
  });

  it("closes it, and nobody gets in: while it starts, afterwards, and after a power cut", { timeout: 180_000 }, async () => {
    const result = await flash(terminal, { port: bench.port, isFaultAccepted: true }, silent);
    expect(result.isClosed).toBe(true);
    expect(result.untried).toEqual([expect.stringContaining("standard input")]);
    expect(result.attempts.length).toBeGreaterThan(1);
    expect(result.attempts.filter(({ isIn }) => isIn)).toEqual([]);
    console.info(`${name}: from a bare board to serving and closed in ${result.seconds.toFixed(1)} s`);
    await bench.powerCycle();
    expect((await tryToGetIn(bench.port)).filter(({ isIn }) => isIn)).toEqual([]);
    expect(await bench.typeAtStandardInput('\x03\nprint("in"+6*7)\n')).not.toContain("in42");
    expect((await failureOf(requireConsole(bench.port))).exitCode).toBe(EXIT.unreachable);
  });

  it("can be asked over its link while it is closed, gives every record, and is opened by a maintainer's signed command", {
    timeout: 120_000,
  }, async () => {
    const messages: Message[] = [];
    const link = await openLink(`listen:${linkPort}`, 0, (message) => messages.push(message));
    const { hello, last } = await link.hello();
    expect(hello).toMatchObject({ device: "bench", counter: "8", firmware: "0.1.0", config: terminal.config.version });
    await link.signedCommand({ do: "time", unix: 1772411403 }, SIMULATED_KEY);
    for (let seq = 1; seq <= last; seq++) await link.command({ do: "resend", seq });
    expect(new Set(messages.map(({ seq }) => seq).filter(Boolean)).size).toBeGreaterThanOrEqual(last);
    expect(await failureOf(link.signedCommand({ do: "unlock", by: "9003" }, Buffer.alloc(32, 1)))).toMatchObject({ exitCode: EXIT.unhealthy });
    expect((await failureOf(link.signedCommand({ do: "unlock", by: "1024" }, SIMULATED_KEY))).message).toContain("field by");
    expect(await link.signedCommand({ do: "unlock", by: "9003" }, SIMULATED_KEY)).toMatchObject({ result: "ok" });
    await link.close();
    const { records } = await onConsole((device) => readLedger(device, board, SIMULATED_KEY));
    expect(records).toContainEqual(expect.objectContaining({ type: "alert", alert: "unlock", detail: "9003" }));
    const status = await onTerminal((open) => statusOf(open, SIMULATED_KEY));
    expect(status).toMatchObject({ isLockInstalled: true, problems: [] });
    await bench.powerCycle();
    expect((await failureOf(requireConsole(bench.port))).exitCode).toBe(EXIT.unreachable);
  });
});

it("puts the old firmware back when the new one finds a fault that was not there before, and says when the old one finds it too", {
  timeout: 120_000,
}, async () => {
  const bench = await startStandIn();
  const firmware = await currentFirmware("linux");
  await flash(terminalOf(firmware, LINK), { port: bench.port, isLeftOpen: true }, silent);
  const options = { key: SIMULATED_KEY, isLeftOpen: true };
  bench.holdKey();
  const code = `${firmware.code};"another";`;
  const open = await openTerminal(bench.port, board);
  const error = await failureOf(update(open, { code, bytes: code.length }, options, silent).finally(() => open.device.close()));
  expect(error.message).toContain("a fault that was not there before: keys");
  expect(error.todo).toContain("Mend the part first");
  await bench.close();
  rmSync("secrets/devices/bench", { recursive: true, force: true });
});
