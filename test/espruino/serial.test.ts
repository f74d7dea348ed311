// The receiver at a serial port, and a terminal at the other end: the `linux` bundle on a real interpreter, in real time, over pseudo-terminals.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SerialPort } from "serialport";
import { afterEach, expect, it } from "vitest";
import { createReceiver, type Receiver } from "../../firmware/hall/receiver/receiver.js";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import { messageIn } from "../../firmware/tools/link/lines.js";
import { listenSerial } from "../../firmware/tools/link/serial-source.js";
import { ToolError } from "../../firmware/tools/tool-error.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { seedFrom } from "../seed.js";
import { createBareTerminal, until } from "./linux-terminal.js";

const why = !process.env.ESPRUINO
  ? "set ESPRUINO=/path/to/espruino"
  : spawnSync("python3", ["-c", "import pty"]).status !== 0
    ? "python3 with its module pty is not installed"
    : undefined;
if (why) console.warn(`SKIPPED the real interpreter at a serial port: ${why}`);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Line {
  /** The files of its ends. */
  readonly ends: readonly [string, string];
  /** @param perMille of a thousand chunks, so many are spoiled */
  setNoise(perMille: number): void;
  /** How many were. */
  spoiled(): number;
}

async function createLine(seed: number): Promise<Line> {
  const child: ChildProcess = spawn("python3", [path.join(import.meta.dirname, "serial-line.py"), String(seed)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  closing.push(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout?.on("data", (data) => {
    text += String(data);
  });
  await until("the pseudo-terminals", () => text.endsWith("\n"));
  const ends = text.trim().split(" ") as unknown as [string, string];
  return {
    ends,
    setNoise: (perMille) =>
      void child.stdin?.write(`noise ${perMille}
`),
    spoiled: () => text.split("spoiled").length - 1,
  };
}

interface Hall {
  readonly receiver: Receiver;
  /** Everything that is stored, in order: the numbers of the records. */
  stored(): number[];
  /** Acknowledgements of what was not on the disk at that time. */
  readonly hasty: number[];
  readonly alarms: () => readonly string[];
}

function createHall(folder: string, file: string): Hall {
  const database = path.join(folder, "hall.sqlite");
  const store = SqliteStore.open(database);
  const committed = SqliteStore.read(database);
  const stored = (): number[] => [...committed.records()].map(({ sequence }) => sequence);
  const hasty: number[] = [];
  const receiver = createReceiver({ store, keys: () => SIMULATED_KEY });
  const open = (name: string, baudRate: number): SerialPort => {
    const port = new SerialPort({ path: name, baudRate, autoOpen: false });
    const write = port.write.bind(port) as (text: string, encoding: BufferEncoding) => boolean;
    port.write = ((text: string, encoding: BufferEncoding) => {
      const { signed = "{}" } = messageIn(text.trimEnd()) as { signed?: string };
      const message = JSON.parse(signed) as { do?: string; seq?: number };
      // By another connection to the database, which sees only what is committed.
      if (message.do === "acknowledge" && stored().filter((number) => number <= (message.seq as number)).length < (message.seq as number))
        hasty.push(message.seq as number);
      return write(text, encoding);
    }) as SerialPort["write"];
    return port;
  };
  const source = listenSerial(
    { path: file, baudHz: 9600, device: "sim-08" },
    { hear: receiver.hear, end: receiver.end, say: (words) => console.info(words) },
    open,
  );
  closing.push(async () => {
    receiver.close();
    await source.close();
    committed.close();
    store.close();
  });
  return { receiver, stored, hasty, alarms: () => committed.alarms().map(({ kind, words }) => `${kind}: ${words}`) };
}

it.skipIf(why)(
  "stores every record once, and acknowledges it afterwards, over a line with garbage, while the terminal is killed",
  { timeout: 240_000 },
  async () => {
    const seed = seedFrom("LINE_SEED");
    console.info(`LINE_SEED=${seed}`);
    const line = await createLine(seed);
    const terminal = await createBareTerminal({ host: "" }, (code) => {
      expect(code, "the port of the board file").toContain('"/dev/serial0"');
      return code.replace('"/dev/serial0"', JSON.stringify(line.ends[0]));
    });
    closing.push(() => terminal.kill());
    const hall = createHall(terminal.folder, line.ends[1]);
    terminal.powerOn();
    await until("the first record", () => hall.stored().includes(1), 20_000);

    /** A supervisor enters a card, and does so again until the terminal says that it has it. */
    const enter = async (transaction: string): Promise<void> => {
      const answers: string[] = [];
      while (answers.length < 20) {
        try {
          const card = { do: "card", staff: "1024", transaction, grade: 5, by: "9001" } as const;
          const answer = await hall.receiver.commandTo("sim-08", card, { timeoutMs: 6000 });
          if ("result" in answer || answer.error === "finished") return;
          answers.push(answer.error);
        } catch (error) {
          if (!(error instanceof ToolError)) throw error;
          answers.push(error.message);
        }
      }
      throw new Error(`${transaction} was never recorded: ${answers.join(", ")}`);
    };
    const entered: string[] = [];
    for (let life = 0; life < 4; life++) {
      line.setNoise(life === 0 ? 0 : 120);
      for (let i = 0; i < 3; i++) {
        entered.push(`T-${life}-${i}`);
        await enter(`T-${life}-${i}`);
      }
      // In the middle of another one.
      entered.push(`T-${life}-cut`);
      const cut = enter(`T-${life}-cut`);
      await sleep(5 + ((seed >> life) % 120));
      terminal.kill();
      terminal.powerOn();
      await cut;
    }
    line.setNoise(0);
    const newest = (): number => terminal.records().at(-1)?.sequence ?? 0;
    await until("everything at the receiver", () => hall.stored().length >= newest(), 30_000);
    expect(hall.stored()).toEqual(Array.from({ length: newest() }, (_, i) => i + 1));
    expect(hall.hasty).toEqual([]);
    const cards = terminal.records().flatMap((record) => (record.type === "card" ? [record.transaction] : []));
    expect(cards).toEqual(entered);
    expect(hall.alarms().filter((alarm) => !alarm.startsWith("refused"))).toEqual([]);
    expect(line.spoiled()).toBeGreaterThan(5);
    console.info(
      `${newest()} records of ${terminal.records().filter(({ type }) => type === "started").length} lives, ${line.spoiled()} chunks spoiled`,
    );
    expect(terminal.log()).not.toMatch(/Uncaught|MEMORY/);
  },
);
