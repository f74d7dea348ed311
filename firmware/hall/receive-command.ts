// npm run receive: takes in what the terminals of a hall send, sends them commands, exports what it has.

import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { sizeOf } from "../display/layouts.js";
import { boardOf } from "../tools/boards/checked-board.js";
import { BuildError, boardNames, outputFolder } from "../tools/build/build.js";
import { listenSerial } from "../tools/link/serial-source.js";
import type { Source, SourceListener } from "../tools/link/source.js";
import { listenTcp } from "../tools/link/tcp-source.js";
import { MissingGlyphError } from "../tools/provision/glyph-font.js";
import { SiteError } from "../tools/provision/site.js";
import { readSite } from "../tools/provision/site-file.js";
import type { Command as TerminalCommand } from "../uplink/messages.js";
import { askReceiver, serveControl } from "./control-socket.js";
import { exportLines, reportOf } from "./export.js";
import { ReceiveError } from "./receive-error.js";
import { keysIn } from "./receiver/device-keys.js";
import type { ReceiverEvent } from "./receiver/hall-state.js";
import { createReceiver } from "./receiver/receiver.js";
import { REPLACEABLE, type Replaceable, replaceFile, replacementFor } from "./replace.js";
import { listenMqtt } from "./sources/mqtt-source.js";
import { claim, Store } from "./store/store.js";

interface ListenOptions {
  readonly database: string;
  readonly keys: string;
  readonly serial: readonly string[];
  readonly baud: number;
  readonly tcp?: number;
  readonly tcpHost?: string;
  readonly mqtt: readonly string[];
  readonly mqttUser?: string;
  readonly mqttCa?: string;
  readonly mqttId: string;
}

const DATABASE = ["--database <file>", "SQLite file with everything that was received"] as const;
const DEFAULT_DATABASE = "hall.sqlite";

function collect(value: string, before: readonly string[]): string[] {
  return [...before, ...value.split(",")];
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return number;
  };
}

/** The program with its subcommands. */
export function receiveCommand(): Command {
  const program = new Command("receive").description("the hall's end: receives what the terminals of a hall record, and sends them commands");
  program
    .command("listen", { isDefault: true })
    .description("store what the terminals send, and acknowledge it; say what is wrong (this is what happens without a subcommand)")
    .option(...DATABASE, DEFAULT_DATABASE)
    .option("--keys <folder>", "a file <device>.key for each terminal, as npm run build makes them", outputFolder("keys"))
    .option("--serial <port[=device]>", "a serial port, and which terminal is at its end; a list with commas, or again and again", collect, [])
    .option("--baud <number>", "speed of the serial ports", wholeNumber(300, 4_000_000), 9600)
    .option("--tcp <port>", "listen for terminals that open a TCP connection", wholeNumber(0, 65_535))
    .option("--tcp-host <address>", "listen at this address alone (default: at all of this computer)")
    .option("--mqtt <url>", "an MQTT broker: mqtt://host, or mqtts://host for TLS; again and again", collect, [])
    .option("--mqtt-user <name>", "user name at the broker; its password is in the environment variable MQTT_PASSWORD")
    .option("--mqtt-ca <file>", "certificate of whoever signs the broker's, in PEM, for mqtts:// where this computer does not know it")
    .option("--mqtt-id <id>", "client id at the broker, another one for each receiver", "counter-terminal-receiver")
    .action(listen);
  program
    .command("send")
    .description('give a terminal a command through the receiver that is at work: send sim-08 \'{"do":"invite","transaction":"T-2041"}\'')
    .argument("<device>", "its name")
    .argument("<command>", "JSON, as in PROTOCOL.md; it is signed where it has to be")
    .option(...DATABASE, DEFAULT_DATABASE)
    .action(send);
  program
    .command("replace")
    .description("give a terminal files of its site file, through the receiver that is at work; it checks each, switches to it whole, and restarts")
    .argument("<device>", "its name, as in the site file")
    .argument(
      "<what...>",
      `${REPLACEABLE.join(", ")}, one or more: pictures are the phrases and names that the terminal was not provisioned with`,
      collectReplaceable,
    )
    .requiredOption("--config <file>", "the site file")
    .requiredOption("--by <number>", "staff number of whoever orders it: the terminal records it")
    .option("--board <name>", `which board it is, for the size of its display: ${boardNames().join(", ")}, or the path of a board file`, "esp32")
    .option(...DATABASE, DEFAULT_DATABASE)
    .action(replace);
  program
    .command("export")
    .description("print every record, in order")
    .option(...DATABASE, DEFAULT_DATABASE)
    .option("--device <name>", "of this terminal alone")
    .addOption(new Option("--format <format>", "a line of JSON for each record, or a table").choices(["jsonl", "csv"]).default("jsonl"))
    .action(async ({ database, format, device }: { database: string; format: "jsonl" | "csv"; device?: string }) => {
      const store = Store.read(database);
      for (const line of exportLines(store, format, device)) if (!process.stdout.write(line)) await drained();
      store.close();
    });
  program
    .command("report")
    .description(
      "logs, how far they are proven, their heads for npm run ledger -- check --head, and alarms; the exit code is 1 when anything is wrong",
    )
    .option(...DATABASE, DEFAULT_DATABASE)
    .option("--keys <folder>", "proves every log again with the keys there")
    .action(({ database, keys }: { database: string; keys?: string }) => {
      const store = Store.read(database);
      const { text, isGood } = reportOf(store, keys === undefined ? undefined : keysIn(keys));
      console.log(text);
      store.close();
      if (!isGood) process.exitCode = 1;
    });
  return program;
}

function collectReplaceable(value: string, before: readonly Replaceable[] = []): readonly Replaceable[] {
  const what = REPLACEABLE.find((each) => each === value);
  if (!what) throw new InvalidArgumentError(`It must be one of ${REPLACEABLE.join(", ")}.`);
  return [...before, what];
}

function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once("drain", resolve));
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    throw new ReceiveError(`--mqtt-ca ${file}: cannot be read: ${(error as Error).message}`);
  }
}

/** Receives until it is told to end. */
async function listen(options: ListenOptions): Promise<void> {
  const { database, keys, serial, baud, tcp, tcpHost, mqtt, mqttUser, mqttCa, mqttId } = options;
  if (serial.length === 0 && mqtt.length === 0 && tcp === undefined) {
    throw new ReceiveError(
      "Say where the terminals are: --serial PORT, --tcp PORT or --mqtt URL. counter-terminal receive listen --help shows all options.",
    );
  }
  const ca = mqttCa === undefined ? undefined : readCertificates(mqttCa);
  const claimed = claim(database);
  /** What is open, and would keep this process alive. */
  const closing: (() => unknown)[] = [claimed.release];
  try {
    const store = Store.open(database);
    closing.push(() => store.close());
    const receiver = createReceiver({ store, keys: keysIn(keys), onEvent: print });
    const control = await serveControl(database, ({ device, command }) => receiver.commandTo(device, command as TerminalCommand));
    closing.push(control.close);
    const listener: SourceListener = { hear: receiver.hear, end: receiver.end, say: (words) => printLine("", words) };
    const sources: Source[] = [];
    closing.push(() => Promise.all(sources.map((source) => source.close())), receiver.close);
    if (tcp !== undefined) sources.push(await listenTcp(tcp, tcpHost, listener));
    for (const each of serial) {
      const [port = "", device] = each.split("=");
      sources.push(listenSerial({ path: port, baudHz: baud, device }, listener));
    }
    const password = process.env.MQTT_PASSWORD;
    for (const url of mqtt) sources.push(listenMqtt({ url, user: mqttUser, password, ca, clientId: mqttId }, listener));
    for (const { name } of sources) printLine("", `listening: ${name}`);
    printLine("", `database ${path.resolve(database)}. Ctrl-C ends it.`);

    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function send(device: string, text: string, { database }: { database: string }): Promise<void> {
  let command: unknown;
  try {
    command = JSON.parse(text);
  } catch {
    throw new ReceiveError(`${text}: is no JSON: write the command in single quotes, such as '{"do":"selfTest"}'`);
  }
  if (typeof command !== "object" || command === null || Array.isArray(command)) throw new ReceiveError(`${text}: a command is a JSON object`);
  const answer = await askReceiver(database, { device, command });
  console.log(JSON.stringify(answer));
  if (!("result" in answer)) process.exitCode = 1;
}

interface ReplaceCommandOptions {
  readonly database: string;
  readonly config: string;
  readonly by: string;
  readonly board: string;
}

async function replace(device: string, given: readonly Replaceable[], { database, config, by, board }: ReplaceCommandOptions): Promise<void> {
  let files: readonly { readonly what: Replaceable; readonly bytes: Uint8Array }[];
  try {
    const { site } = readSite(config);
    const size = sizeOf(boardOf(board).display.driver);
    // Names are there before somebody signs in with them.
    files = REPLACEABLE.filter((what) => given.includes(what)).map((what) => ({ what, bytes: replacementFor(device, what, site, size) }));
  } catch (error) {
    if (error instanceof SiteError || error instanceof MissingGlyphError || error instanceof BuildError) throw new ReceiveError(error.message);
    throw error;
  }
  for (const { what, bytes } of files) {
    await replaceFile(
      (command) => askReceiver(database, { device, command }),
      { what, bytes, by },
      {
        onProgress(done) {
          if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}: ${done} of ${bytes.length} bytes`);
        },
      },
    );
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    console.log(`${what}: ${device} has taken ${bytes.length} bytes, and restarts as soon as nobody is asked.`);
  }
}

const LABELS: Readonly<Record<ReceiverEvent["kind"], string>> = {
  online: "",
  offline: "",
  record: "",
  status: "",
  answer: "answer: ",
  alert: "ALERT: ",
  alarm: "ALARM: ",
  refused: "refused: ",
  storage: "STORAGE: ",
};

function print({ kind, device, words }: ReceiverEvent): void {
  printLine(device, LABELS[kind] + words);
}

function printLine(device: string, words: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}Z  ${device.padEnd(12)}  ${words}`);
}
