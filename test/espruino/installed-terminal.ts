// A terminal with the `linux` bundle on a real interpreter, without anything at its pins, started by the command of the systemd service.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "../../sim/espruino/install.js";
import { installLinux } from "./linux-terminal.js";

export const SERVICE = "firmware/boards/counter-terminal.service";

/** The value of a directive of the service. @throws Error where it has none */
export function directive(name: string): string {
  const [, value] = new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(SERVICE, "utf8")) ?? [];
  if (value === undefined) throw new Error(`${SERVICE} has no ${name}`);
  return value;
}

export class InstalledTerminal {
  child: ChildProcess | undefined;
  /** Everything that the interpreter has printed. */
  printed = "";

  private constructor(
    private readonly binary: string,
    private readonly image: string,
  ) {}

  /** @param port of the host on this machine */
  static async install(binary: string, port: number): Promise<InstalledTerminal> {
    const image = await installLinux(binary, temporaryFolder(), { host: `127.0.0.1:${port}` });
    return new InstalledTerminal(binary, image);
  }

  start(): void {
    const prepared = spawnSync("/bin/sh", ["-c", this.commandOf("ExecStartPre")], { cwd: this.folder });
    if (prepared.status !== 0) throw new Error(`ExecStartPre failed: ${prepared.stderr}`);
    this.child = spawn("/bin/sh", ["-c", this.commandOf("ExecStart")], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.printed += chunk.toString("latin1");
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
