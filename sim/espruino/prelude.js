// @ts-check
// Runs on the real interpreter from flash, in front of the firmware: it replaces pins, buses, timers and raw flash by calls to the simulator at the other
// end of two pipes, which also owns the time. Everything else (the language, memory, Storage, Graphics, CRC, JSON) stays the interpreter's own.
// A call is one line of JSON. An answer, where the call needs one, is six digits of length, and JSON.

/**
 * A message of the simulator: an answer, a call of a function by its name, or a callback that is due.
 * @typedef {object} Message
 * @property {unknown} [value] the answer's
 * @property {string} [error] the answer's, where the call failed
 * @property {string} [name] of the function to call
 * @property {unknown[]} [parameters] of it
 * @property {number} now time, as `getTime` gives it
 * @property {number} [id] of the callback
 * @property {boolean} [once] the callback is not called again
 * @property {unknown} [argument] of the callback
 * @property {boolean} [wantsMemory] the simulator wants to know how many variables are in use
 */

(function () {
  var out = E.openFile("to-world", "w");
  var input = E.openFile("from-world", "r");
  /** @type {Record<number, Function>} */
  var callbacks = {};
  /** @type {Record<string, Function>} */
  var calls;
  var nextId = 1;
  var builtInRequire = require;
  var builtInSetTimeout = setTimeout;
  var now = 0;

  /** @param {readonly unknown[]} call */
  function tell(call) {
    out.write(JSON.stringify(call) + "\n");
  }
  /** @returns {Message} */
  function hear() {
    return JSON.parse(input.read(parseInt(input.read(6), 10)));
  }
  /**
   * @template Value
   * @param {readonly unknown[]} call
   * @returns {Value}
   */
  function ask(call) {
    tell(call);
    var answer = hear();
    while (answer.name) {
      callByName(answer);
      answer = hear();
    }
    if (answer.error) throw new Error(answer.error);
    return /** @type {Value} */ (answer.value);
  }
  // A test calls functions that its program offers, also while the program waits for an answer.
  global.offer = function (/** @type {Record<string, Function>} */ functions) {
    calls = functions;
  };
  /** @param {Message} call */
  function callByName(call) {
    now = call.now;
    try {
      tell(["called", /** @type {Function} */ (calls[/** @type {string} */ (call.name)]).apply(undefined, call.parameters)]);
    } catch (error) {
      tell(["called", 0, /** @type {Error} */ (error).message || "" + error]);
    }
  }
  global.heard = function (/** @type {string} */ listener, /** @type {unknown[]} */ words) {
    ask(["heard", listener, words]);
  };
  /** @param {Function} callback @returns {number} its id */
  function keep(callback) {
    callbacks[nextId] = callback;
    return nextId++;
  }

  global.getTime = function () {
    return now;
  };
  global.setTimeout = function (/** @type {() => void} */ callback, /** @type {number} */ ms) {
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
    return ask(["hwRand"]) | 0;
  };
  E.reboot = function () {
    tell(["restart"]);
  };
  // An assignment to the name of a bus does nothing in this interpreter, so the methods of the buses are replaced.
  I2C1.setup = function (options) {
    tell(["i2cSetup", options.scl, options.sda, options.bitrate]);
  };
  I2C1.writeTo = function (/** @type {number} */ address, /** @type {EspruinoData} */ first, /** @type {EspruinoData | undefined} */ second) {
    ask(["i2cWrite", address, btoa(E.toString(second === undefined ? first : [first, second]))]);
  };
  I2C1.readFrom = function (address, length) {
    return new Uint8Array(E.toArrayBuffer(atob(ask(["i2cRead", address, length]))));
  };
  /**
   * @param {EspruinoSerial} port
   * @param {string} name
   */
  function replaceSerial(port, name) {
    /** @type {(data: string) => void} */
    var listener;
    port.setup = function (_baud, options) {
      ask([
        "serialSetup",
        name,
        options,
        keep(function (/** @type {string} */ data) {
          listener(atob(data));
        }),
      ]);
    };
    port.on = function (_event, callback) {
      listener = callback;
    };
    port.write = function (data) {
      tell(["serialWrite", name, packed([data])]);
    };
  }
  replaceSerial(Serial1, "Serial1");
  replaceSerial(Serial2, "Serial2");
  replaceSerial(Serial3, "Serial3");
  /** Base64 of the parameters of a bus: one string or view, or numbers, arrays and repeated bytes, nested. @param {readonly EspruinoData[]} data */
  function packed(data) {
    var only =
      data.length === 1 && typeof data[0] !== "number" && !Array.isArray(data[0]) && /** @type {{ count?: number }} */ (data[0]).count === undefined;
    return btoa(only ? /** @type {string | Uint8Array} */ (data[0]) : E.toString(data));
  }
  /**
   * @param {Partial<EspruinoSpi>} bus
   * @param {string} name
   */
  function replaceSpi(bus, name) {
    bus.setup = function (options) {
      tell(["spiSetup", name, JSON.stringify(options)]);
    };
    bus.write = /** @type {EspruinoSpi["write"]} */ (
      /** @type {unknown} */ (
        function (/** @type {EspruinoData} */ first, /** @type {EspruinoData | Pin} */ second, /** @type {EspruinoData | undefined} */ third) {
          var data = third !== undefined ? [first, second, third] : second !== undefined ? [first, second] : [first];
          var last = data[data.length - 1];
          var cs = data.length > 1 && boot.pins.indexOf(/** @type {string} */ (last)) >= 0 ? data.pop() : "";
          tell(["spiWrite", name, packed(data), cs]);
        }
      )
    );
    bus.send = /** @type {EspruinoSpi["send"]} */ (
      function (/** @type {EspruinoData} */ data, /** @type {Pin} */ cs) {
        var back = atob(ask(["spiSend", name, packed([data]), cs || ""]));
        return typeof data === "number" ? back.charCodeAt(0) : typeof data === "string" ? back : new Uint8Array(E.toArrayBuffer(back));
      }
    );
    return bus;
  }
  replaceSpi(SPI1, "SPI1");
  replaceSpi(SPI2, "SPI2");
  replaceSpi(SPI3, "SPI3");
  global.SPI = function () {
    return replaceSpi({}, "software " + nextId++);
  };
  var flash = {
    read: function (/** @type {number} */ length, /** @type {number} */ address) {
      return new Uint8Array(E.toArrayBuffer(atob(ask(["flashRead", address, length]))));
    },
    write: function (/** @type {Uint8Array} */ data, /** @type {number} */ address) {
      ask(["flashWrite", address, btoa(data)]);
    },
    erasePage: function (/** @type {number} */ address) {
      // The interpreter's own function refuses a floating-point number, even a whole one, as a division gives it. At 0 there is nothing to erase.
      builtInRequire("Flash").erasePage(address * 0);
      ask(["flashErase", address]);
    },
  };
  var net = {
    connect: function (/** @type {unknown} */ _options, /** @type {(socket: unknown) => void} */ onConnected) {
      /** @type {Record<string, Function>} */
      var listeners = {};
      /** @type {number[]} */
      var ids = [];
      var socket = {
        on: function (/** @type {string} */ event, /** @type {Function} */ callback) {
          listeners[event] = callback;
        },
        removeAllListeners: function () {
          listeners = {};
        },
        write: function (/** @type {string} */ data) {
          tell(["netWrite", btoa(data)]);
          // The other side takes everything.
          if (listeners.drain) listeners.drain();
        },
        end: function () {
          tell(["netEnd"]);
        },
      };
      ids[0] = keep(function () {
        onConnected(socket);
      });
      ids[1] = keep(function (/** @type {string} */ chunk) {
        if (listeners.data) listeners.data(atob(chunk));
      });
      ids[2] = keep(function () {
        delete callbacks[/** @type {number} */ (ids[0])];
        delete callbacks[/** @type {number} */ (ids[1])];
        if (listeners.close) listeners.close();
        // These functions refer to each other: without this the interpreter would keep them.
        ids = listeners = /** @type {never} */ (/** @type {unknown} */ (undefined));
      });
      tell(["netConnect", ids[0], ids[1], ids[2]]);
      return socket;
    },
  };
  var wifi = {
    connect: function (/** @type {string} */ _name, /** @type {unknown} */ _options, /** @type {(problem: null) => void} */ onDone) {
      tell([
        "wifiConnect",
        keep(function () {
          onDone(null);
        }),
      ]);
    },
    on: function () {},
  };
  global.require = function (/** @type {string} */ name) {
    return name === "Flash" ? flash : name === "net" || name === "tls" ? net : name === "Wifi" ? wifi : builtInRequire(name);
  };

  // The pins are those of the simulated board, by their names.
  /** @type {{ now: number, pins: string[] }} */
  var boot = ask(["boot"]);
  now = boot.now;
  boot.pins.forEach(function (pin) {
    global[pin] = pin;
  });

  // Once the firmware has started, the simulator orders one callback after the other, until the power goes.
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
          /** @type {Function} */ (callback)(call.argument);
        } catch (error) {
          tell(["failed", "" + error, error && /** @type {Error} */ (error).stack]);
        }
      }
      tell(["done", call.wantsMemory ? process.memory().usage : 0, E.getErrorFlags()]);
    }
  }, 0);
})();
