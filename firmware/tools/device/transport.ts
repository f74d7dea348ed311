// The cable to a device: a serial port such as /dev/ttyACM0 or COM3, or tcp://host:port of an interpreter that listens on telnet.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { SerialPort } from "serialport";
import { ToolError, UNTOUCHED } from "../tool-error.js";

/** Longest time until a port opens, in ms. */
const OPEN_MS = 4000;

export interface Transport {
  /** Writes bytes. Resolves when they have gone out. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface TransportListener {
  readonly onData: (bytes: Buffer) => void;
  /** The other end is gone. Not called after `close`. */
  readonly onClosed: () => void;
}

/**
 * Opens a port.
 * @param baudHz speed of a serial port; a USB console takes any
 * @throws ToolError `portUnavailable`, with the reason
 */
export function openTransport(port: string, baudHz: number, listener: TransportListener): Promise<Transport> {
  const address = /^tcp:\/\/(.+?)(?::(\d+))?$/.exec(port);
  if (address) return openSocket(port, address[1] as string, Number(address[2] ?? 23), listener);
  return openSerial(port, baudHz, listener);
}

function openSocket(name: string, host: string, port: number, listener: TransportListener): Promise<Transport> {
  return new Promise((resolve, reject) => {
    let isOurs = false;
    const socket = connect({ host, port, noDelay: true });
    const fail = (why: string): void => {
      socket.destroy();
      reject(
        new ToolError(
          "portUnavailable",
          `${name} does not answer: ${why}`,
          UNTOUCHED,
          "Check address and cable. A terminal in service lets nobody in: open it first with counter-terminal unlock.",
        ),
      );
    };
    const timer = setTimeout(fail, OPEN_MS, "no connection");
    socket.once("error", (error) => fail(error.message));
    socket.on("data", listener.onData);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      socket.on("error", () => undefined);
      socket.on("close", () => isOurs || listener.onClosed());
      resolve({
        write: (bytes) => new Promise((done, failed) => socket.write(bytes, (error) => (error ? failed(error) : done()))),
        close: async () => {
          isOurs = true;
          socket.destroy();
        },
      });
    });
    socket.once("close", () => clearTimeout(timer));
  });
}

function openSerial(path: string, baudHz: number, listener: TransportListener): Promise<Transport> {
  return new Promise((resolve, reject) => {
    let isOurs = false;
    const serial = new SerialPort({ path, baudRate: baudHz, autoOpen: false });
    serial.on("error", () => undefined);
    serial.on("data", listener.onData);
    serial.open((error) => {
      if (error) {
        reject(new ToolError("portUnavailable", `${path} cannot be opened: ${error.message}`, UNTOUCHED, adviceFor(path, error.message)));
        return;
      }
      serial.on("close", () => isOurs || listener.onClosed());
      resolve({
        write: (bytes) =>
          new Promise((done, failed) => serial.write(Buffer.from(bytes), () => serial.drain((problem) => (problem ? failed(problem) : done())))),
        close: () =>
          new Promise((done) => {
            isOurs = true;
            serial.close(() => done());
          }),
      });
    });
  });
}

/** What to do about a serial port that does not open. */
export function adviceFor(path: string, message: string): string {
  if (/permission|access denied|EACCES/i.test(message) && process.platform === "linux")
    return `Give yourself the right to use it: sudo usermod -aG ${groupOf(path)} $USER, then sign out and in again.`;
  if (/lock|busy|EBUSY|access denied|EACCES/i.test(message)) return "Another program has it open: close that one.";
  if (process.platform === "win32" ? /not found/i.test(message) : !existsSync(path))
    return "Plug it in, and see its name with: counter-terminal doctor.";
  return "Pull the plug, put it in again, and look with: counter-terminal doctor.";
}

/** The group whose members may use a port. Its name differs between systems. */
function groupOf(path: string): string {
  try {
    const { gid } = statSync(path);
    const line = readFileSync("/etc/group", "utf8")
      .split("\n")
      .find((each) => each.split(":")[2] === String(gid));
    return (gid > 0 && line?.split(":")[0]) || "dialout";
  } catch {
    return "dialout";
  }
}

/** A serial port of this computer. */
export interface PortInfo {
  readonly path: string;
  readonly maker: string;
}

/** The serial ports of this computer to which something is connected. */
export async function listPorts(): Promise<PortInfo[]> {
  const ports = await SerialPort.list().catch(portsByName);
  return ports.filter(({ path }) => !/^\/dev\/ttyS\d+$/.test(path)).map(({ path, manufacturer }) => ({ path, maker: manufacturer ?? "" }));
}

/** The same by their names in `/dev`, for a Linux without udev. */
function portsByName(error: NodeJS.ErrnoException): { path: string; manufacturer?: string }[] {
  if (error.path !== "udevadm") throw error;
  const names = readdirSync("/dev").filter((name) => /^tty(ACM|USB)\d+$/.test(name));
  return names.sort().map((name) => ({ path: `/dev/${name}` }));
}
