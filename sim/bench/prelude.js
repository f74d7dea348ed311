// @ts-check
// Runs on the real interpreter from flash, in front of a program: it keeps the program's watches, and plays a badge and presses of a key to it.
// It replaces nothing else: time, timers, flash and display are the interpreter's own, so that its instructions count. It leaves as few names as it can
// in front of the program's own, because the interpreter searches names one after the other.
// The value of `bench`, in front of this file, says what to play. A call of `E.getTemperature()`, which no program here makes, marks a moment for callgrind.

(() => {
  /** @type {Record<number, (event: WatchEvent) => void>} */
  const watches = {};
  const readerPort = bench.readerPort && /** @type {EspruinoSerial} */ (global[bench.readerPort]);
  /** @type {(data: string) => void} */
  let hear;
  /** @type {(data: string) => void} */
  let hearReader;

  // Every contact is open.
  global.digitalRead = () => 1;
  global.setWatch = /** @type {typeof setWatch} */ (
    /** @type {unknown} */ (
      (/** @type {(event: WatchEvent) => void} */ callback, /** @type {Pin} */ pin) => {
        watches[pin] = callback;
      }
    )
  );

  // A pulse takes no timer of this machine.
  global.digitalPulse = () => {};

  // The port of a voice module leads nowhere.
  [Serial1, Serial2, Serial3].forEach((port) => {
    port.setup = () => {};
    port.write = () => {};
  });
  if (readerPort)
    readerPort.on = (_event, callback) => {
      hearReader = callback;
    };

  // The bus of a reader that is asked. The bus is the interpreter's own, and the answers are those of the simulated chip. The instructions between two
  // marks do not belong to the program.
  const bus = bench.answers && /** @type {EspruinoSpi} */ (global[/** @type {string} */ (bench.bus)]);
  const mark = E.getTemperature;
  let asked = 0;
  if (bus) {
    // The last answer is repeated until the interpreter ends.
    const nextAnswer = () => {
      if (asked === /** @type {readonly string[]} */ (bench.answers).length - 1) quit();
      else asked++;
      return /** @type {string} */ (/** @type {readonly string[]} */ (bench.answers)[asked - 1]);
    };
    const send = /** @type {(data: EspruinoData, cs: Pin) => void} */ (bus.send);
    const write = /** @type {(data: EspruinoData, cs: Pin) => void} */ (bus.write);
    bus.send = /** @type {EspruinoSpi["send"]} */ (
      (/** @type {EspruinoData} */ data, /** @type {Pin} */ cs) => {
        mark();
        const text = atob(nextAnswer());
        const answer = typeof data === "string" ? text : new Uint8Array(E.toArrayBuffer(text));
        mark();
        send.call(bus, data, cs);
        return answer;
      }
    );
    bus.write = /** @type {EspruinoSpi["write"]} */ (
      (/** @type {EspruinoData} */ data, /** @type {Pin} */ cs) => {
        mark();
        nextAnswer();
        mark();
        write.call(bus, data, cs);
      }
    );
  }

  // The host at the other end of the cable acknowledges every record a little later. The port is an object of the interpreter, so its methods are replaced.
  const port = /** @type {EspruinoSerial} */ (global[bench.port]);
  port.on = (_event, callback) => {
    hear = callback;
  };
  const key = /** @type {string} */ (require("Storage").read("key"));
  const hashOf = (/** @type {string} */ text) =>
    // biome-ignore lint/style/useNodejsImportProtocol: it is the interpreter's own.
    String.fromCharCode.apply(null, /** @type {number[]} */ (/** @type {unknown} */ (new Uint8Array(require("crypto").SHA256(text)))));
  const macOf = (/** @type {string} */ text) => btoa(hashOf(key.substr(64) + hashOf(key.substr(0, 64) + text)));
  port.write = /** @type {EspruinoSerial["write"]} */ (
    (/** @type {string} */ line) => {
      const message = JSON.parse(line.substr(0, line.lastIndexOf("*")));
      if (!message.seq) return;
      setTimeout(() => {
        const signed = JSON.stringify({ do: "acknowledge", log: message.log, seq: message.seq });
        const text = JSON.stringify({ signed, mac: macOf("command:" + signed) });
        const digits = E.CRC32(text).toString(16);
        hear(text + "*" + "00000000".substr(digits.length) + digits + "\n");
      }, 20);
    }
  );

  /**
   * An edge of a contact or of a wire.
   * @param {string} name of its pin
   * @param {boolean} isHigh
   */
  function edge(name, isHigh) {
    const callback = watches[/** @type {Pin} */ (global[name])];
    if (callback) callback({ state: isHigh, time: getTime() });
  }
  /**
   * An edge between two marks, down.
   * @param {(event: WatchEvent) => void} callback of its watch
   */
  function markedEdge(callback) {
    const event = { state: false, time: getTime() };
    E.getTemperature();
    callback(event);
    E.getTemperature();
  }
  function badge() {
    if (readerPort) {
      // The port hands out the last bytes separately.
      hearReader(bench.signal.substr(0, 10));
      setTimeout(hearReader, 0, bench.signal.substr(10));
      return;
    }
    for (let i = 0; i < bench.signal.length; i++) edge(bench.signal.charAt(i) === "0" ? bench.data0 : bench.data1, false);
  }
  // Each step begins long after the end of the one before, so that the terminal is idle then, however slow this machine is.
  const firstSteps = [badge, () => markedEdge(() => {})];
  const sessionSteps = [
    () => edge(bench.invite, false),
    () => edge(bench.invite, true),
    () => markedEdge(/** @type {(event: WatchEvent) => void} */ (watches[/** @type {Pin} */ (global[bench.key])])),
    () => edge(bench.key, true),
  ];
  let steps = firstSteps;
  let next = 0;
  function play() {
    if (next === steps.length) {
      if (!bench.presses--) quit();
      steps = sessionSteps;
      next = 0;
    }
    /** @type {() => void} */ (steps[next++])();
    setTimeout(play, 1500);
  }

  if (!bench.answers) setTimeout(play, 1500);
  // The program starts behind this mark.
  E.getTemperature();
})();
