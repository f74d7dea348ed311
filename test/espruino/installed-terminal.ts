// A terminal with the `linux` bundle on a real interpreter, without anything at its pins, started by the command of the systemd service.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { board } from "../../firmware/boards/linux.js";
import { lockFiles } from "../../firmware/tools/device/closing.js";
import { installInto, temporaryFolder } from "../../sim/espruino/install.js";
import { installLinux } from "./linux-terminal.js";

/** A terminal serves after so long, in ms. */
const START_MS = 2000;

export const SERVICE = "firmware/boards/counter-terminal.service";

/** The value of a directive of the service. @throws Error where it has none */
export function directive(name: string): string {
  const [, value] = new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(SERVICE, "utf8")) ?? [];
  if (value === undefined) throw new Error(`${SERVICE} has no ${name}`);
  return value;
}

export class InstalledTerminal {
  child: ChildProcess | undefined;
  private text = "";

  private constructor(
    private readonly binary: string,
    private readonly image: string,
  ) {}

  /**
   * @param host its port on this machine, or the file of a serial port
   * @param isLocked whether its console is closed, as when it leaves the bench
   */
  static async install(binary: string, host: number | string, { isLocked = false } = {}): Promise<InstalledTerminal> {
    const folder = temporaryFolder();
    const isCable = typeof host === "string";
    const { path: port } = board.link.cable;
    const image = await installLinux(binary, folder, { host: isCable ? "" : `127.0.0.1:${host}` }, (code) => {
      if (!code.includes(`"${port}"`)) throw new Error(`the bundle does not name ${port}`);
      return isCable ? code.replace(`"${port}"`, JSON.stringify(host)) : code;
    });
    if (isLocked) {
      const files = (await lockFiles(board)).map(
        ([name, bytes]) => `require("Storage").write("${name}",${JSON.stringify(bytes.toString("latin1"))});`,
      );
      installInto(folder, binary, `${files.join("\n")}\nprint("installed");\n`);
    }
    return new InstalledTerminal(binary, image);
  }

  /** Another terminal whose flash is a copy of this one's as it is now. */
  copy(): InstalledTerminal {
    const image = path.join(temporaryFolder(), path.basename(this.image));
    writeFileSync(image, this.flash);
    return new InstalledTerminal(this.binary, image);
  }

  /** Starts it with a console that somebody can type at, and waits until it serves. */
  async startWithConsole(): Promise<void> {
    await this.restart();
    await sleep(START_MS);
  }

  type(bytes: string): void {
    this.child?.stdin?.write(bytes, "latin1");
  }

  isAlive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Takes the power, and starts it with such a console. */
  async restart(): Promise<void> {
    await this.kill();
    this.child = spawn(this.binary, [], { cwd: this.folder, stdio: ["pipe", "pipe", "pipe"] });
    // It may be typed at while it ends.
    this.child.stdin?.on("error", () => undefined);
    this.listen();
  }

  /** Everything that the interpreter has printed. */
  printed(): string {
    return this.text;
  }

  start(): void {
    const prepared = spawnSync("/bin/sh", ["-c", this.commandOf("ExecStartPre")], { cwd: this.folder });
    if (prepared.status !== 0) throw new Error(`ExecStartPre failed: ${prepared.stderr}`);
    this.child = spawn("/bin/sh", ["-c", this.commandOf("ExecStart")], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.listen();
  }

  private listen(): void {
    for (const stream of [this.child?.stdout, this.child?.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.text += chunk.toString("latin1");
      });
    }
  }

  /** Takes the power. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(directive("KillSignal") as NodeJS.Signals);
    await exited;
  }

  /** The whole flash. It is read and written only while the terminal has no power, or as a copy of a running one. */
  get flash(): Buffer {
    return readFileSync(this.image);
  }

  set flash(bytes: Buffer) {
    writeFileSync(this.image, bytes);
  }

  private get folder(): string {
    return path.dirname(this.image);
  }

  /** The shell command in a directive, for this interpreter. */
  private commandOf(name: string): string {
    const [, command] = /^\/bin\/sh -c '(.*)'$/.exec(directive(name)) ?? [];
    if (command === undefined) throw new Error(`${name} is no shell command`);
    return command.replace("/usr/local/bin/espruino", this.binary);
  }
}
