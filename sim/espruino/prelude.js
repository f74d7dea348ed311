// Runs on the real interpreter, in front of the firmware and from flash as it does: replaces pins, buses, timers and raw flash by calls to the simulator at the other
// end of two pipes, which also owns the time. Everything else (the language, memory, Storage, Graphics, CRC, JSON) stays the interpreter's own.
// A call is one line of JSON; where an answer is needed it comes as six digits of length and JSON.

(function () {
  var out = E.openFile("to-world", "w");
  var input = E.openFile("from-world", "r");
  var callbacks = {};
  var calls;
  var nextId = 1;
  var builtInRequire = require;
  var builtInSetTimeout = setTimeout;
  var now = 0;

  function tell(call) {
    out.write(JSON.stringify(call) + "\n");
  }
  function hear() {
    return JSON.parse(input.read(parseInt(input.read(6), 10)));
  }
  function ask(call) {
    tell(call);
    var answer = hear();
    while (answer.name) {
      callByName(answer);
      answer = hear();
    }
    if (answer.error) throw new Error(answer.error);
    return answer.value;
  }
  // A test calls functions that its program offers, also from within what it hears of.
  global.offer = function (functions) {
    calls = functions;
  };
  function callByName(call) {
    now = call.now;
    try {
      tell(["called", calls[call.name].apply(undefined, call.parameters)]);
    } catch (error) {
      tell(["called", 0, error.message || "" + error]);
    }
  }
  global.heard = function (listener, words) {
    ask(["heard", listener, words]);
  };
  function keep(callback) {
    callbacks[nextId] = callback;
    return nextId++;
  }

  global.getTime = function () {
    return now;
  };
  global.setTimeout = function (callback, ms) {
    var id = keep(callback);
    tell(["setTimer", id, ms]);
    return id;
  };
  global.clearTimeout = function (id) {
    delete callbacks[id];
    tell(["clearTimer", id]);
  };
  global.setWatch = function (callback, pin, options) {
    var id = keep(callback);
    ask(["setWatch", id, pin, options.edge]);
    return id;
  };
  global.pinMode = function (pin, mode) {
    tell(["pinMode", pin, mode]);
  };
  global.digitalRead = function (pin) {
    return ask(["digitalRead", pin]);
  };
  global.digitalWrite = function (pin, level) {
    tell(["digitalWrite", pin, level]);
  };
  global.digitalPulse = function (pin, level, ms) {
    tell(["digitalPulse", pin, level, ms]);
  };
  global.analogWrite = function (pin, duty, options) {
    tell(["analogWrite", pin, duty, options.freq]);
  };
  E.hwRand = function () {
    return ask(["random32"]) | 0;
  };
  E.reboot = function () {
    tell(["restart"]);
  };
  // The interpreter's own buses stay; assigning to their names would do nothing, so their methods are replaced.
  I2C1.setup = function (options) {
    tell(["i2cSetup", options.scl, options.sda, options.bitrate]);
  };
  I2C1.writeTo = function (address, first, second) {
    ask(["i2cWrite", address, btoa(E.toString(second === undefined ? first : [first, second]))]);
  };
  function replaceSerial(port, name) {
    var listener;
    port.setup = function (baud, options) {
      ask([
        "serialSetup",
        name,
        options,
        keep(function (data) {
          listener(atob(data));
        }),
      ]);
    };
    port.on = function (event, callback) {
      listener = callback;
    };
    port.write = function (data) {
      tell(["serialWrite", name, packed([data])]);
    };
  }
  replaceSerial(Serial1, "Serial1");
  replaceSerial(Serial2, "Serial2");
  replaceSerial(Serial3, "Serial3");
  // Base64 of what a bus is given: one string or view, or numbers and arrays, nested.
  function packed(data) {
    var only = data.length === 1 && typeof data[0] !== "number" && !Array.isArray(data[0]);
    return btoa(only ? data[0] : E.toString(data));
  }
  function replaceSpi(bus, name) {
    bus.setup = function (options) {
      tell(["spiSetup", name, JSON.stringify(options)]);
    };
    bus.write = function (first, second, third) {
      var data = third !== undefined ? [first, second, third] : second !== undefined ? [first, second] : [first];
      var last = data[data.length - 1];
      var cs = data.length > 1 && boot.pins.indexOf(last) >= 0 ? data.pop() : "";
      tell(["spiWrite", name, packed(data), cs]);
    };
    bus.send = function (data, cs) {
      var back = atob(ask(["spiSend", name, packed([data]), cs || ""]));
      return typeof data === "number" ? back.charCodeAt(0) : typeof data === "string" ? back : new Uint8Array(E.toArrayBuffer(back));
    };
    return bus;
  }
  replaceSpi(SPI1, "SPI1");
  replaceSpi(SPI2, "SPI2");
  replaceSpi(SPI3, "SPI3");
  global.SPI = function () {
    return replaceSpi({}, "software " + nextId++);
  };
  var flash = {
    read: function (length, address) {
      return new Uint8Array(E.toArrayBuffer(atob(ask(["flashRead", address, length]))));
    },
    write: function (data, address) {
      ask(["flashWrite", address, btoa(data)]);
    },
    erasePage: function (address) {
      // The interpreter's own refuses a number that came of a division, whole as it may be: nothing is at 0 that it could erase.
      builtInRequire("Flash").erasePage(address * 0);
      ask(["flashErase", address]);
    },
  };
  var net = {
    connect: function (options, onConnected) {
      var listeners = {};
      var ids = [];
      var socket = {
        on: function (event, callback) {
          listeners[event] = callback;
        },
        removeAllListeners: function () {
          listeners = {};
        },
        write: function (data) {
          tell(["netWrite", btoa(data)]);
        },
        end: function () {
          tell(["netEnd"]);
        },
      };
      ids[0] = keep(function () {
        onConnected(socket);
      });
      ids[1] = keep(function (chunk) {
        if (listeners.data) listeners.data(atob(chunk));
      });
      ids[2] = keep(function () {
        delete callbacks[ids[0]];
        delete callbacks[ids[1]];
        if (listeners.close) listeners.close();
        // These functions are a ring of which nothing is needed any more.
        ids = listeners = undefined;
      });
      tell(["netConnect", ids[0], ids[1], ids[2]]);
      return socket;
    },
  };
  var wifi = {
    connect: function (name, options, onDone) {
      tell([
        "wifiConnect",
        keep(function () {
          onDone(null);
        }),
      ]);
    },
    on: function () {},
  };
  global.require = function (name) {
    return name === "Flash" ? flash : name === "net" || name === "tls" ? net : name === "Wifi" ? wifi : builtInRequire(name);
  };

  // Pins have names here, whatever this machine has.
  var boot = ask(["boot"]);
  now = boot.now;
  boot.pins.forEach(function (pin) {
    global[pin] = pin;
  });

  // Once the firmware has started, the simulator says what happens, one callback at a time, until the power goes.
  var start = process.memory().usage;
  builtInSetTimeout(function () {
    tell(["started", start, process.memory().usage]);
    for (;;) {
      var call = hear();
      if (call.name) {
        callByName(call);
        continue;
      }
      now = call.now;
      if (call.id) {
        var callback = callbacks[call.id];
        if (call.once) delete callbacks[call.id];
        try {
          callback(call.argument);
        } catch (error) {
          tell(["failed", "" + error, error && error.stack]);
        }
      }
      tell(["done", call.wantsMemory ? process.memory().usage : 0, E.getErrorFlags()]);
    }
  }, 0);
})();
