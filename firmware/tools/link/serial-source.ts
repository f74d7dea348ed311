// A terminal at a serial port: the line protocol of PROTOCOL.md over 8 data bits, no parity, 1 stop bit.

import { SerialPort } from "serialport";
import { createLineReader, lineOf } from "./lines.js";
import type { Peer, Source, SourceListener } from "./source.js";

/** A port that could not be opened, or has gone, is tried again after so long, in ms. */
const RETRY_MS = 2000;

export interface SerialOptions {
  readonly path: string;
  readonly baudHz: number;
  /** The terminal at its end, where the command names it. */
  readonly device?: string | undefined;
}

/** How a port is made. Trials put another one in its place. */
export type OpenPort = (path: string, baudRate: number) => SerialPort;

const openReal: OpenPort = (path, baudRate) => new SerialPort({ path, baudRate, autoOpen: false });

/** Opens a port, and again whenever it is lost: somebody may pull the plug. */
export function listenSerial({ path, baudHz, device }: SerialOptions, listener: SourceListener, open: OpenPort = openReal): Source {
  let port: SerialPort | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let said = "";

  /** Says the same thing once, however often the port is tried. */
  function sayOnce(words: string): void {
    if (words !== said) listener.say(words);
    said = words;
  }

  function connect(): void {
    const current = open(path, baudHz);
    port = current;
    const peer: Peer = {
      name: path,
      device,
      send(text) {
        if (current.isOpen) current.write(lineOf(text), "latin1");
      },
    };
    let isOver = false;
    function onEnd(words: string): void {
      if (isOver) return;
      isOver = true;
      listener.end(peer);
      if (isClosed) return;
      sayOnce(words);
      timer = setTimeout(connect, RETRY_MS);
    }
    current.on(
      "data",
      createLineReader((message, text) => listener.hear(peer, message, text)),
    );
    current.on("close", () => onEnd(`${path}: the port has gone: is the cable plugged in? It is tried again.`));
    current.on("error", (error: Error) => onEnd(`${path}: ${error.message}. It is tried again.`));
    current.open((error) => {
      if (error) onEnd(cannotOpen(path, error));
      else {
        sayOnce(`${path}: open at ${baudHz} baud`);
        listener.meet?.(peer);
      }
    });
  }

  connect();
  return {
    name: `serial ${path}`,
    close: () =>
      new Promise((resolve) => {
        isClosed = true;
        clearTimeout(timer);
        if (port?.isOpen) port.close(() => resolve());
        else resolve();
      }),
  };
}

/** The reason why a port does not open, and what to do, as a sentence. */
export function cannotOpen(path: string, { message }: Error): string {
  if (/cannot lock|temporarily unavailable|busy|access denied/i.test(message))
    return `${path}: another program uses this port: end it (a terminal program, or another receiver). It is tried again.`;
  if (/permission/i.test(message))
    return `${path}: this user may not open the port. On Linux: sudo usermod -aG dialout $USER, then log in again. It is tried again.`;
  if (/no such file|file not found/i.test(message))
    return `${path}: there is no such port: is the cable plugged in? npx @serialport/list shows those that there are. It is tried again.`;
  return `${path}: ${message}. It is tried again.`;
}
