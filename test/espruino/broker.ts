// A real Mosquitto, for a test alone: with a password and sessions that outlive it.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect as openSocket } from "node:net";
import path from "node:path";
import { temporaryFolder } from "../../sim/espruino/install.js";
import { freePort } from "../sim/mosquitto.js";
import { until } from "./linux-terminal.js";

const WORDS = { user: "counter", password: "secret" } as const;

/** Debian puts it where only root looks. */
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** Why there can be no broker here, or undefined. */
export function whyNoBroker(): string | undefined {
  return spawnSync("mosquitto", ["-h"], { env: ENV }).error ? "mosquitto is not installed" : undefined;
}

export interface Mosquitto {
  /** For the configuration of a terminal. */
  readonly host: string;
  readonly port: number;
  /** File of the certificate of who signed its own, where it speaks TLS. */
  readonly ca: string | undefined;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
}

/** A certificate for the broker, and that of whoever signed it: made for this test, so that nobody knows them. */
function makeCertificates(folder: string): { readonly lines: readonly string[]; readonly ca: string } {
  const openssl = (...words: readonly string[]): void => void execFileSync("openssl", words, { cwd: folder, stdio: "ignore" });
  openssl(..."req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=hall -days 2".split(" "));
  openssl(..."req -newkey rsa:2048 -nodes -keyout broker.key -out broker.csr -subj /CN=broker".split(" "));
  writeFileSync(path.join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  openssl(..."x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile names -out broker.crt -days 2".split(" "));
  // The interpreter knows DHE-RSA alone, for which a broker needs parameters: a standard group (RFC 7919).
  openssl(..."genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh.pem".split(" "));
  const files = { certfile: "broker.crt", keyfile: "broker.key", dhparamfile: "dh.pem" };
  const lines = Object.entries(files).map(([option, name]) => `${option} ${path.join(folder, name)}`);
  return { lines: [...lines, "tls_version tlsv1.2"], ca: path.join(folder, "ca.crt") };
}

/** @param isSecure it speaks TLS alone */
export async function createMosquitto(isSecure = false): Promise<Mosquitto> {
  const folder = temporaryFolder();
  const data = path.join(folder, "data");
  mkdirSync(data);
  const passwords = path.join(folder, "passwords");
  execFileSync("mosquitto_passwd", ["-b", "-c", passwords, WORDS.user, WORDS.password], { env: ENV, stdio: "ignore" });
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ["user root"] : [];
  const certificates = isSecure ? makeCertificates(folder) : undefined;
  const lines = [
    `listener ${port} 127.0.0.1`,
    ...(certificates?.lines ?? []),
    "allow_anonymous false",
    `password_file ${passwords}`,
    "persistence true",
    ...user,
  ];
  lines.push(`persistence_location ${data}/`, "autosave_interval 1", "autosave_on_changes true", "log_dest file mosquitto.log", "log_type all");
  const config = path.join(folder, "mosquitto.conf");
  writeFileSync(config, `${lines.join("\n")}\n`);
  let child: ChildProcess | undefined;
  return {
    ca: certificates?.ca,
    host: `mqtt${isSecure ? "s" : ""}://${WORDS.user}:${WORDS.password}@127.0.0.1:${port}`,
    port,
    async start() {
      child = spawn("mosquitto", ["-c", config], { cwd: folder, env: ENV, stdio: "ignore" });
      let isThere = false;
      const probe = setInterval(() => {
        const socket = openSocket(port, "127.0.0.1", () => {
          isThere = true;
          socket.destroy();
        });
        socket.on("error", () => undefined);
      }, 50);
      await until("mosquitto", () => isThere, 10_000);
      clearInterval(probe);
    },
    kill() {
      child?.kill("SIGKILL");
      child = undefined;
    },
  };
}
