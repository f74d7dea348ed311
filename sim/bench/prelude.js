// Runs on the real interpreter, in front of a program and from flash as it does: keeps what the program watches, and plays a badge and presses of a key to it.
// Nothing else is replaced: time, timers, flash and display are the interpreter's own, so that its instructions count. It leaves as few names as it can
// in front of the program's own, which the interpreter searches one after the other.
// `bench` says what to play; it stands in front of this file. A call of `E.getTemperature()`, which no program here makes, marks a moment for callgrind.

(() => {
  const watches = {};
  const readerPort = bench.readerPort && global[bench.readerPort];
  let hear;
  let hearReader;

  // Every contact is open.
  global.digitalRead = () => 1;
  global.setWatch = (callback, pin) => {
    watches[pin] = callback;
  };

  // Without a timer of this machine.
  global.digitalPulse = () => {};

  // A voice module has a port too; nobody hears it.
  [Serial1, Serial2, Serial3].forEach((port) => {
    port.setup = () => {};
    port.write = () => {};
  });
  if (readerPort)
    readerPort.on = (event, callback) => {
      hearReader = callback;
    };

  // A reader that is asked: its bus carries what it is given, and what it answers was kept from the simulated chip. What is between two marks is not
  // the program's.
  const bus = bench.answers && global[bench.bus];
  const mark = E.getTemperature;
  let asked = 0;
  if (bus) {
    // The last one is given again and again until the interpreter ends.
    const nextAnswer = () => {
      if (asked === bench.answers.length - 1) quit();
      else asked++;
      return bench.answers[asked - 1];
    };
    const send = bus.send;
    const write = bus.write;
    bus.send = (data, cs) => {
      mark();
      const text = atob(nextAnswer());
      const answer = typeof data === "string" ? text : new Uint8Array(E.toArrayBuffer(text));
      mark();
      send.call(bus, data, cs);
      return answer;
    };
    bus.write = (data, cs) => {
      mark();
      nextAnswer();
      mark();
      write.call(bus, data, cs);
    };
  }

  // The host at the other end of the cable: it acknowledges every record a little later. The port is the interpreter's own object, so its methods are replaced.
  const port = global[bench.port];
  port.on = (event, callback) => {
    hear = callback;
  };
  const key = require("Storage").read("key");
  // biome-ignore lint/style/useNodejsImportProtocol: it is the interpreter's own.
  const hashOf = (text) => String.fromCharCode.apply(null, new Uint8Array(require("crypto").SHA256(text)));
  const macOf = (text) => btoa(hashOf(key.substr(64) + hashOf(key.substr(0, 64) + text)));
  port.write = (line) => {
    const message = JSON.parse(line.substr(0, line.lastIndexOf("*")));
    if (!message.seq) return;
    setTimeout(() => {
      const signed = JSON.stringify({ do: "acknowledge", log: message.log, seq: message.seq });
      const text = JSON.stringify({ signed, mac: macOf("command:" + signed) });
      const digits = E.CRC32(text).toString(16);
      hear(text + "*" + "00000000".substr(digits.length) + digits + "\n");
    }, 20);
  };

  function edge(name, isHigh) {
    const callback = watches[global[name]];
    if (callback) callback({ state: isHigh, time: getTime() });
  }
  /** An edge between two marks. */
  function markedEdge(callback) {
    const event = { state: false, time: getTime() };
    E.getTemperature();
    callback(event);
    E.getTemperature();
  }
  function badge() {
    if (readerPort) {
      // The port hands out the last bytes by themselves.
      hearReader(bench.signal.substr(0, 10));
      setTimeout(hearReader, 0, bench.signal.substr(10));
      return;
    }
    for (let i = 0; i < bench.signal.length; i++) edge(bench.signal.charAt(i) === "0" ? bench.data0 : bench.data1, false);
  }
  // Each step comes so long after the one before it has ended that all is quiet then, however slow this machine is.
  const firstSteps = [badge, () => markedEdge(() => {})];
  const sessionSteps = [
    () => edge(bench.invite, false),
    () => edge(bench.invite, true),
    () => markedEdge(watches[global[bench.key]]),
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
    steps[next++]();
    setTimeout(play, 1500);
  }

  if (!bench.answers) setTimeout(play, 1500);
  // From here on the program starts.
  E.getTemperature();
})();
