// An attacker who publishes packages, and one who reads what packages and builds leave on a computer. It knows the project's files as npm reads them, imports nothing of it,
// and asks no registry: it serves its packages itself.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface PackageCase {
  readonly name: string;
  /** @param folder an empty one @returns what went wrong, or "" */
  run(folder: string): Promise<string>;
}

interface Ended {
  readonly status: number | null;
  readonly words: string;
}

function ran(folder: string, program: string, ...words: readonly string[]): Promise<Ended> {
  const child = spawn(program, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: 200_000 });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk;
    });
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, words: said })));
}

function npm(folder: string, ...words: readonly string[]): Promise<Ended> {
  return ran(folder, "npm", ...words, "--no-audit", "--no-fund", "--fetch-retries", "0", "--cache", path.join(folder, "cache"));
}

/** Serves one file to whoever asks for any, and nothing that npm would ask a registry for. */
async function serve(file: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => {
      const isFound = /\.tgz /.test(request.toString("latin1"));
      const bytes = isFound ? readFileSync(file) : Buffer.alloc(0);
      socket.write(`HTTP/1.1 ${isFound ? "200 OK" : "404 Not Found"}\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`);
      socket.end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** Each step of npm at which a package may have something run. */
const HOOKS = ["preinstall", "install", "postinstall", "prepare", "prepublish", "preprepare", "postprepare"] as const;

/** A package that leaves a mark wherever its code runs. @returns its file */
async function publish(folder: string, word: string): Promise<string> {
  const source = path.join(folder, "bad");
  mkdirSync(source, { recursive: true });
  const mark = path.join(folder, "mark");
  const leave = `require("fs").appendFileSync(${JSON.stringify(mark)}, `;
  writeFileSync(path.join(source, "run.js"), `${leave}"installed ");\n`);
  writeFileSync(path.join(source, "index.js"), `${leave}"used ");\nmodule.exports = ${JSON.stringify(word)};\n`);
  const scripts = Object.fromEntries(HOOKS.map((hook) => [hook, "node run.js"]));
  writeFileSync(path.join(source, "package.json"), JSON.stringify({ name: "bad", version: "1.0.0", scripts }));
  // Who publishes it runs no scripts of his own.
  const { status, words } = await npm(source, "pack", "--ignore-scripts", "--pack-destination", folder);
  if (status !== 0) throw new Error(words);
  return path.join(folder, "bad-1.0.0.tgz");
}

/** Somebody's copy of the project, as npm sees it, which needs that package. */
function checkOut(folder: string, url: string, integrity: string): string {
  const project = path.join(folder, "project");
  mkdirSync(project);
  writeFileSync(path.join(project, ".npmrc"), `${readFileSync(".npmrc", "latin1")}\nregistry=${url}\n`);
  const own = { name: "project", version: "1.0.0", dependencies: { bad: "1.0.0" } };
  writeFileSync(path.join(project, "package.json"), JSON.stringify(own));
  const packages = { "": own, "node_modules/bad": { version: "1.0.0", resolved: `${url}/bad/-/bad-1.0.0.tgz`, integrity, hasInstallScript: true } };
  writeFileSync(path.join(project, "package-lock.json"), JSON.stringify({ name: "project", version: "1.0.0", lockfileVersion: 3, packages }));
  return project;
}

function integrityOf(file: string): string {
  return `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
}

export const PACKAGE_CASES: readonly PackageCase[] = [
  {
    name: "a package wants to run something when it is installed, and runs where it is used",
    async run(folder) {
      const file = await publish(folder, "one");
      const mark = path.join(folder, "mark");
      const { url, close } = await serve(file);
      const project = checkOut(folder, url, integrityOf(file));
      try {
        for (const word of ["ci", "install", "rebuild"]) {
          const { status, words } = await npm(project, word);
          if (status !== 0) return `npm ${word} fails: ${words}`;
          if (!existsSync(path.join(project, "node_modules/bad/run.js"))) return `npm ${word} installs nothing`;
          if (existsSync(mark)) return `npm ${word} has run it: ${readFileSync(mark, "latin1")}`;
        }
      } finally {
        close();
      }
      // Whoever updates a package trusts its authors.
      await ran(project, process.execPath, "-e", 'require("bad")');
      return existsSync(mark) && readFileSync(mark, "latin1") === "used " ? "" : "it does not run where it is used: this case would notice nothing";
    },
  },
  {
    name: "a package comes with other bytes than those of the lock file",
    async run(folder) {
      const right = integrityOf(await publish(folder, "one"));
      const { url, close } = await serve(await publish(folder, "two"));
      const project = checkOut(folder, url, right);
      try {
        const { status, words } = await npm(project, "ci");
        // Where npm refuses, it may leave what it has begun to unpack.
        if (status === 0) return "other bytes were installed";
        return /EINTEGRITY/.test(words) ? "" : `it does not say why: ${words}`;
      } finally {
        close();
      }
    },
  },
  {
    name: "the lock file names packages without a version, from elsewhere, or by a link",
    async run() {
      const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
        packages: Record<string, { version?: string; resolved?: string; link?: boolean }>;
      };
      const odd = Object.entries(packages).filter(
        ([name, { version = "", resolved, link }]) =>
          name !== "" &&
          (!/^\d+\.\d+\.\d+/.test(version) || link === true || (resolved !== undefined && !/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved))),
      );
      return odd.length === 0 ? "" : `${odd.length}, such as ${JSON.stringify(odd[0])}`;
    },
  },
  {
    name: "nobody answers while a terminal's files are made, and others look for its key there",
    async run(folder) {
      // Without a network of any kind: whatever asks for something fails.
      const tool = path.resolve("firmware/tools/counter-terminal.js");
      const alone = ["-rn", process.execPath, tool];
      const begun = await ran(folder, "unshare", ...alone, "init", "site.yaml");
      if (begun.status !== 0) return `init fails: ${begun.words}`;
      const { status, words } = await ran(folder, "unshare", ...alone, "build", "--board", "linux", "--config", "site.yaml");
      if (status !== 0) return `build fails: ${words}`;
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
      const [keyFile = ""] = files.filter((file) => /\.key$/.test(file));
      const key = Buffer.from(readFileSync(keyFile, "latin1").trim(), "hex");
      // Every form of it that a script or a terminal uses, eight bytes being enough to tell it.
      const forms = [0, 0x36, 0x5c].flatMap((pad) => {
        const bytes = Buffer.from(key.subarray(0, 8).map((byte) => byte ^ pad));
        return [
          bytes.toString("latin1"),
          bytes.toString("hex"),
          bytes.toString("hex").toUpperCase(),
          bytes.toString("base64").slice(0, 10),
          [...bytes].join(),
        ];
      });
      const open = files.filter((file) => statSync(file).isFile() && (statSync(file).mode & 0o077) !== 0);
      const found = open.find((file) => forms.some((form) => readFileSync(file, "latin1").includes(form)));
      if (open.length < 2 || key.length !== 32) return "there is nothing to look through";
      return found === undefined ? "" : `others can read a key in ${found}`;
    },
  },
];

export interface PackageOutcome {
  readonly case: string;
  readonly outcome: string;
}

/** @param names of the cases; none: all of them */
export async function attackPackages(names: readonly string[] = []): Promise<PackageOutcome[]> {
  const outcomes: PackageOutcome[] = [];
  for (const { name, run } of PACKAGE_CASES.filter((each) => names.length === 0 || names.includes(each.name))) {
    const folder = mkdtempSync(path.join(tmpdir(), "packages-"));
    let outcome: string;
    try {
      outcome = (await run(folder)) || "held";
    } catch (error) {
      outcome = (error as Error).message;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    outcomes.push({ case: name, outcome });
  }
  return outcomes;
}
