// receive listen: stores what the terminals send until it is told to end.

import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { DEVICE_NAME_WORDS, isDeviceName } from "../../config/device-name.js";
import { type ConnectionLimits, DEFAULT_LIMITS } from "../../tools/link/connection-limits.js";
import { listenSerial } from "../../tools/link/serial-source.js";
import type { Source, SourceListener } from "../../tools/link/source.js";
import { listenTcp } from "../../tools/link/tcp-source.js";
import { print, visible } from "../../tools/output.js";
import { goOnWithoutOutput, jsonOption } from "../../tools/program.js";
import { keyFolder } from "../../tools/provision/device-key.js";
import { computerTrouble, ToolError, usageError } from "../../tools/tool-error.js";
import type { Command as TerminalCommand } from "../../uplink/messages.js";
import { serveControl } from "../control-socket.js";
import { keysIn } from "../device-keys.js";
import type { ReceiverEvent } from "../receiver/hall-state.js";
import { createReceiver } from "../receiver/receiver.js";
import { GONE_MS } from "../receiver/silence.js";
import { backUp } from "../store/backup.js";
import { stampOf } from "../store/interrupted-restore.js";
import { claim } from "../store/receiver-claim.js";
import { SqliteStore } from "../store/sqlite-store.js";
import type { StorageError } from "../store/store.js";
import { databaseOption } from "./database-option.js";

interface ListenOptions {
  readonly database: string;
  readonly keys: string;
  readonly serial: readonly string[];
  readonly baud: number;
  readonly tcp?: number;
  readonly tcpHost?: string;
  readonly connections: number;
  readonly connectionsEach: number;
  readonly mqtt: readonly string[];
  readonly mqttUser?: string;
  readonly mqttCa?: string;
  readonly mqttId?: string;
  readonly gone: number;
  readonly json?: boolean;
}

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

export function listenCommand(): Command {
  return new Command("listen")
    .description("store what the terminals send, acknowledge it, and say what is wrong (the default without a subcommand)")
    .addOption(databaseOption())
    .option("--keys <folder>", "a file <device>.key for each terminal, as npm run build makes them", keyFolder())
    .option("--serial <port[=device]>", "a serial port, and which terminal is at its end; a list with commas, or again and again", collect, [])
    .option("--baud <number>", "speed of the serial ports", wholeNumber(300, 4_000_000), 9600)
    .option("--tcp <port>", "listen for terminals that open a TCP connection", wholeNumber(0, 65_535))
    .option("--tcp-host <address>", "listen at this address alone (default: at all of this computer)")
    .option(
      "--connections <number>",
      "most TCP connections in all; a stranger's is dropped for a new one",
      wholeNumber(1, 65_535),
      DEFAULT_LIMITS.inAll,
    )
    .option(
      "--connections-each <number>",
      "most TCP connections of strangers from one address; of terminals there may be more",
      wholeNumber(1, 65_535),
      DEFAULT_LIMITS.perAddress,
    )
    .option("--mqtt <url>", "an MQTT broker: mqtt://host, or mqtts://host for TLS; again and again", collect, [])
    .option("--mqtt-user <name>", "user name at the broker; its password is in the environment variable MQTT_PASSWORD")
    .option("--mqtt-ca <file>", "certificate of the authority that signs the broker's, in PEM, for mqtts:// where this computer does not know it")
    .option("--mqtt-id <id>", "client id at the broker; by default it follows from the database, and differs for each broker")
    .option(
      "--gone <seconds>",
      "silence after which a terminal is gone; 0: never. Longer than half of the longest linkLostS",
      wholeNumber(0, 604_800),
      GONE_MS / 1000,
    )
    .addOption(jsonOption())
    .action(listen);
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    throw computerTrouble(error, "Nothing is received.", file) ?? error;
  }
}

/** Receives until it is told to end. */
async function listen(options: ListenOptions): Promise<void> {
  const { database, keys, serial, baud, tcp, tcpHost, mqtt, mqttUser, mqttCa, mqttId } = options;
  if (serial.length === 0 && mqtt.length === 0 && tcp === undefined) {
    const todo = "Give --serial PORT, --tcp PORT or --mqtt URL. counter-terminal receive listen --help shows all options.";
    throw usageError("The command does not say where the terminals are.", todo);
  }
  const names = serial.map((each) => each.split("=")[1]).filter((name) => name !== undefined);
  const wrong = names.find((name) => !isDeviceName(name));
  if (wrong !== undefined) throw usageError(`--serial: "${wrong}" is no name of a terminal.`, `A name has ${DEVICE_NAME_WORDS}.`);
  const print = options.json ? printJson : printLine;
  const say = (words: string): void => print({ kind: "status", device: "", words });
  const ca = mqttCa === undefined ? undefined : readCertificates(mqttCa);
  const claimed = claim(database);
  /** Everything that is open, and would keep this process alive. */
  const closing: (() => unknown)[] = [claimed.release];
  try {
    const store = SqliteStore.open(database);
    closing.push(() => store.close());
    let onStorageLost = (_: StorageError): void => undefined;
    const ended = new Promise<StorageError | undefined>((resolve) => {
      onStorageLost = resolve;
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(undefined));
    });
    const receiver = createReceiver({
      store,
      keys: keysIn(keys),
      onEvent: print,
      onStorageLost: (error) => onStorageLost(error),
      goneMs: options.gone * 1000,
    });
    const control = await serveControl(database, ({ device, command }) => receiver.commandTo(device, command as TerminalCommand));
    closing.push(control.close);
    const listener: SourceListener = { hear: receiver.hear, end: receiver.end, say };
    const sources: Source[] = [];
    closing.push(() => Promise.all(sources.map((source) => source.close())), receiver.close);
    const limits: ConnectionLimits = { ...DEFAULT_LIMITS, inAll: options.connections, perAddress: options.connectionsEach };
    if (tcp !== undefined) sources.push(await listenTcp(tcp, tcpHost, listener, limits));
    for (const each of serial) {
      const [port = "", device] = each.split("=");
      sources.push(listenSerial({ path: port, baudHz: baud, device }, listener));
    }
    const password = process.env.MQTT_PASSWORD;
    if (mqtt.length > 0) {
      // Its client takes longer to load than all the rest.
      const { clientIdOf, listenMqtt } = await import("../sources/mqtt-source.js");
      for (const [i, url] of [...new Set(mqtt)].entries()) {
        // Brokers of one cluster are one broker to its clients.
        const given = mqttId && (i > 0 ? `${mqttId}-${i + 1}` : mqttId);
        sources.push(listenMqtt({ url, user: mqttUser, password, ca, clientId: given ?? clientIdOf(store.id(), url) }, listener));
      }
    }
    goOnWithoutOutput();
    for (const { name } of sources) say(`listening: ${name}`);
    say(`database ${path.resolve(database)}. Ctrl-C ends it.`);

    const lost = await ended;
    if (lost) throw rescued(lost, store, database);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** A database whose file has been deleted is still open: writes a copy of it. @returns the error with its name */
function rescued(lost: StorageError, store: SqliteStore, database: string): ToolError {
  if (lost.trouble !== "gone") return lost;
  const file = `${database}-rescued-${stampOf(new Date())}`;
  try {
    backUp(store, file);
  } catch (error) {
    if (error instanceof ToolError) return lost;
    throw error;
  }
  const todo = `Put it back where it was only moved, and start the receiver. Otherwise restore the copy: counter-terminal receive restore ${file}.`;
  return new ToolError(lost.code, lost.message, `${lost.state} Everything that was stored is in ${file}.`, todo);
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

function printLine({ kind, device, words }: ReceiverEvent): void {
  print(visible(`${new Date().toISOString().slice(11, 19)}Z  ${device.padEnd(12)}  ${LABELS[kind]}${words}`));
}

/** For scripts. Events of the receiver itself have no device. */
function printJson({ kind, device, words, record }: ReceiverEvent): void {
  print(JSON.stringify({ at: new Date().toISOString(), kind, device, words, record }));
}
