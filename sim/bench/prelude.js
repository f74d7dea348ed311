// Runs on the real interpreter, in front of a program and from flash as it does: keeps what the program watches, and plays a badge and presses of a key to it.
// Nothing else is replaced: time, timers, flash and display are the interpreter's own, so that its instructions count. It leaves as few names as it can
// in front of the program's own, which the interpreter searches one after the other.
// `bench` says what to play; it stands in front of this file. A call of `E.getTemperature()`, which no program here makes, marks a moment for callgrind.

(() => {
  const watches = {};
  let hear;

  // Every contact is open.
  global.digitalRead = () => 1;
  global.setWatch = (callback, pin) => {
    watches[pin] = callback;
  };

  // The host at the other end of the cable: it acknowledges every record a little later. The port is the interpreter's own object, so its methods are replaced.
  const port = global[bench.port];
  port.setup = () => {};
  port.on = (event, callback) => {
    hear = callback;
  };
  port.write = (line) => {
    const message = JSON.parse(line.substr(0, line.lastIndexOf("*")));
    if (!message.seq) return;
    setTimeout(() => {
      const text = JSON.stringify({ do: "acknowledge", log: message.log, seq: message.seq });
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
    for (let i = 0; i < bench.frame.length; i++) edge(bench.frame.charAt(i) === "0" ? bench.data0 : bench.data1, false);
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

  setTimeout(play, 1500);
  // From here on the program starts.
  E.getTemperature();
})();
