// @ts-check
// The page of the simulated terminal. It shows the snapshot of the server, and sends the actions of people. It knows nothing of the terminal's rules.

/** @typedef {import("./snapshot.js").Snapshot} Snapshot */
/** @typedef {import("./snapshot.js").RecordView} RecordView */
/** @typedef {import("./actions.js").Action} Action */
/** @typedef {Snapshot["keysDown"][number]} KeyName */

/** Largest size of a pixel of the terminal's display, in CSS pixels. */
const LARGEST_PIXEL = 4;
const LIT_COLOR = "#dcedff";
/** Colour of segments, which have no gaps. */
const SEGMENT_COLOR = "#ff5348";
/** Colour of the gap between two lit pixels, which shines through the glass of a large display. */
const GAP_COLOR = "#3f5269";

/** Words of each grade, and the hue of its key's line. All five lines are equally bright and equally strong. */
const GRADES = [
  { chinese: "", english: "", hue: 0 },
  { chinese: "非常不满意", english: "Very dissatisfied", hue: 325 },
  { chinese: "不满意", english: "Dissatisfied", hue: 290 },
  { chinese: "基本满意", english: "Fairly satisfied", hue: 255 },
  { chinese: "满意", english: "Satisfied", hue: 220 },
  { chinese: "非常满意", english: "Very satisfied", hue: 185 },
];

const ROLES = {
  clerk: { chinese: "窗口人员", english: "clerk" },
  supervisor: { chinese: "值班领导", english: "supervisor" },
  maintainer: { chinese: "维护", english: "maintainer" },
};

/** Letters of the badges, in the order of the roster. */
const BADGE_LETTERS = ["q", "w", "e", "r"];
const UNKNOWN_LETTER = "t";

const PLACES = {
  waiting: { text: "waiting", title: "In the terminal’s flash only" },
  received: { text: "received", title: "The host has it; the terminal does not know that yet" },
  acknowledged: { text: "stored", title: "The host has it and has acknowledged it" },
};

/** The snapshot, put together from the messages of the server. @type {Snapshot} */
let shown = /** @type {Snapshot} */ ({});

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`no ${kind.name} #${id}`);
  return found;
}

/**
 * Makes an element with text or elements in it.
 * @param {string} tag
 * @param {string} className
 * @param {...(string | Node)} content
 */
function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** @param {...(string | Node)} content */
function makeChinese(...content) {
  const made = make("b", "", ...content);
  made.lang = "zh-CN";
  return made;
}

/** @param {string} id of a symbol in the page */
function makeIcon(id) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${id}`);
  icon.append(use);
  return icon;
}

const device = element("device", HTMLElement);
const pauseLamp = element("pause-lamp", HTMLElement);
const answerLamp = element("answer-lamp", HTMLElement);
const signLamp = element("sign-lamp", HTMLElement);
const reader = element("reader", HTMLElement);
const says = element("host-says", HTMLElement);
const transaction = element("transaction", HTMLInputElement);

// --- actions ---

/** The actions that are being sent. They go one after the other: the release of a key must not overtake its press. */
let sending = Promise.resolve();

/** @param {Action} action */
function act(action) {
  sending = sending.then(async () => {
    try {
      const answer = await fetch("act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(action) });
      if (!answer.ok) showSaying((await answer.json()).error, false);
    } catch {
      // The line at the top of the page says that the server does not answer.
    }
  });
}

// --- keys ---

/** The pointers, letters and other keys of the keyboard that hold each key down. @type {Map<KeyName, Set<string>>} */
const holds = new Map();

/**
 * @param {KeyName} key
 * @param {string} holder
 */
function press(key, holder) {
  if (!shown.isPowered) return;
  const holders = holds.get(key) ?? new Set();
  holds.set(key, holders);
  if (!holders.size) act({ do: "key", key, isDown: true });
  holders.add(holder);
}

/**
 * @param {KeyName} key
 * @param {string} holder
 */
function release(key, holder) {
  const holders = holds.get(key);
  if (holders?.delete(holder) && !holders.size) act({ do: "key", key, isDown: false });
}

function releaseAll() {
  for (const [key, holders] of holds) for (const holder of [...holders]) release(key, holder);
}

/**
 * Makes a button a key that is down for as long as it is held.
 * @param {HTMLButtonElement} button
 * @param {KeyName} key
 */
function bindKey(button, key) {
  button.dataset.key = key;
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    press(key, `pointer${event.pointerId}`);
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    button.addEventListener(end, (event) => release(key, `pointer${event.pointerId}`));
  }
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) press(key, event.key);
  });
  button.addEventListener("keyup", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    release(key, event.key);
  });
  button.addEventListener("blur", () => {
    release(key, " ");
    release(key, "Enter");
  });
  // A click without a pointer or a key comes from an assistive technology.
  button.addEventListener("click", (event) => {
    if (event.detail !== 0) return;
    press(key, "click");
    setTimeout(() => release(key, "click"), 120);
  });
}

/** @param {readonly number[]} grades from the left */
function buildKeys(grades) {
  const keys = grades.map((grade, i) => {
    const words = GRADES[grade] ?? GRADES[0];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "key";
    button.setAttribute("aria-keyshortcuts", String(i + 1));
    button.style.setProperty("--hue", String(words?.hue));
    const cap = make("span", "cap", makeIcon(`face-${grade}`), makeChinese(words?.chinese ?? ""), make("small", "", words?.english ?? ""));
    const hint = make("kbd", "", String(i + 1));
    hint.setAttribute("aria-hidden", "true");
    button.append(cap, hint);
    bindKey(button, /** @type {KeyName} */ (`key${i + 1}`));
    return button;
  });
  element("keys", HTMLElement).replaceChildren(...keys);
}

// --- badges ---

/** The badge of each letter. @type {Map<string, HTMLButtonElement>} */
const badgeOfLetter = new Map();

/**
 * @param {string} badge
 * @param {string} letter or ""
 * @param {string} role
 * @param {...(string | Node)} content
 */
function makeBadge(badge, letter, role, ...content) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `badge ${role}`;
  button.append(...content);
  if (letter) {
    const hint = make("kbd", "", letter.toUpperCase());
    hint.setAttribute("aria-hidden", "true");
    button.append(hint);
    button.setAttribute("aria-keyshortcuts", letter);
    badgeOfLetter.set(letter, button);
  }
  button.addEventListener("click", () => {
    if (!shown.isPowered) return;
    act({ do: "badge", badge });
    for (const tapped of [button, reader]) {
      tapped.classList.remove("is-tapped");
      void tapped.offsetWidth;
      tapped.classList.add("is-tapped");
    }
  });
  return button;
}

/** The picture on a badge. @param {string} letter */
function makePortrait(letter) {
  const portrait = make("span", "portrait", letter);
  portrait.setAttribute("aria-hidden", "true");
  return portrait;
}

/** @param {Snapshot["terminal"]} terminal */
function buildBadges(terminal) {
  badgeOfLetter.clear();
  const cards = terminal.people.map((person, i) => {
    const role = ROLES[person.role];
    const card = makeBadge(
      person.badge,
      BADGE_LETTERS[i] ?? "",
      person.role,
      make("span", "role", role.english),
      makePortrait(person.name.slice(0, 1)),
      makeChinese(person.name),
      make("span", "number", person.number),
      make("span", "post", person.post),
    );
    card.title = person.badge;
    return card;
  });
  const unknown = makeBadge(
    terminal.unknownBadge,
    UNKNOWN_LETTER,
    "unknown",
    make("span", "role", "unknown"),
    makePortrait("?"),
    makeChinese("未登记"),
    make("span", "number", terminal.unknownBadge.replace(/^.*:/, "")),
    make("span", "post", "a stranger's card"),
  );
  unknown.title = terminal.unknownBadge;
  element("badges", HTMLElement).replaceChildren(...cards, unknown);
}

// --- the display's pixels ---

const canvas = element("display", HTMLCanvasElement);
const bezel = element("screen", HTMLElement);
/** Side of one pixel of the terminal's display, in pixels of this screen. It is a whole number, so that all pixels are alike. */
let pixelSide = 0;

function fitDisplay() {
  if (!shown.terminal) return;
  const { width, height } = shown.terminal.display;
  const style = getComputedStyle(bezel);
  const widthLeft = bezel.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
  const largest = Number(style.getPropertyValue("--largest-pixel")) || LARGEST_PIXEL;
  const ratio = window.devicePixelRatio || 1;
  const side = Math.max(1, Math.floor(Math.min((widthLeft * ratio) / width, largest * ratio)));
  if (side === pixelSide && canvas.style.width) return;
  pixelSide = side;
  canvas.width = width * side;
  canvas.height = height * side;
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
  drawDisplay();
}

function drawDisplay() {
  const context = canvas.getContext("2d");
  if (!context || !shown.display) return;
  const { width, height, isSegments } = shown.terminal.display;
  const bytes = atob(shown.display);
  const gap = pixelSide >= 3 && !isSegments ? Math.round(pixelSide / 6) || 1 : 0;
  const isLit = (/** @type {number} */ x, /** @type {number} */ y) => (bytes.charCodeAt((y >> 3) * width + x) >> (y & 7)) & 1;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isLit(x, y)) continue;
      context.fillStyle = GAP_COLOR;
      context.fillRect(x * pixelSide, y * pixelSide, pixelSide, pixelSide);
      context.fillStyle = isSegments ? SEGMENT_COLOR : LIT_COLOR;
      context.fillRect(x * pixelSide, y * pixelSide, pixelSide - gap, pixelSide - gap);
    }
  }
}

new ResizeObserver(fitDisplay).observe(bezel);
window.addEventListener("resize", fitDisplay);

// --- sound ---

const sound = element("sound", HTMLButtonElement);
const tone = element("tone", HTMLElement);
let lastNote = -1;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;
/** @type {{ context: AudioContext, oscillator: OscillatorNode, gain: GainNode } | undefined} */
let speaker;
/** Time of the speaker minus time of the world, in s. */
let soundOffset = 0;
let soundUntil = 0;

/** Volume, 0 to 1: just loud enough. */
const VOLUME = 0.06;

sound.addEventListener("click", () => {
  const isOn = !speaker;
  if (speaker) {
    void speaker.context.close();
    speaker = undefined;
  } else {
    const context = new AudioContext();
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = "triangle";
    gain.gain.value = 0;
    oscillator.connect(gain).connect(context.destination);
    oscillator.start();
    speaker = { context, oscillator, gain };
    soundUntil = 0;
  }
  sound.setAttribute("aria-pressed", String(isOn));
  element("sound-state", HTMLElement).textContent = isOn ? "Sound on" : "Sound off";
});

/**
 * Notes come in batches, some time after they sounded: each is played as long after the first of its pattern as in the world.
 * @param {number} atMs
 * @param {number} toneHz
 */
function playNote(atMs, toneHz) {
  if (!speaker) return;
  const now = speaker.context.currentTime;
  let at = atMs / 1000 + soundOffset;
  if (at > now + 1 || at < now || at > soundUntil + 0.6) {
    at = now + 0.06;
    soundOffset = at - atMs / 1000;
  }
  soundUntil = at;
  if (toneHz) speaker.oscillator.frequency.setValueAtTime(toneHz, at);
  speaker.gain.gain.setTargetAtTime(toneHz ? VOLUME : 0, at, 0.004);
}

/** @param {Snapshot["notes"]} notes */
function showNotes(notes) {
  const isFirst = lastNote < 0;
  const fresh = notes.filter((note) => note.number > lastNote);
  lastNote = notes.at(-1)?.number ?? 0;
  if (isFirst) return;
  for (const note of fresh) playNote(note.atMs, note.toneHz);
  const heard = fresh.findLast((note) => note.toneHz > 0);
  if (heard) {
    tone.textContent = `${heard.toneHz} Hz`;
    sound.classList.add("is-sounding");
    clearTimeout(silence);
    silence = undefined;
  }
  // A short tone stays visible long enough for people to see it.
  if (notes.at(-1)?.toneHz === 0 && !silence) {
    silence = setTimeout(() => {
      silence = undefined;
      tone.textContent = "silent";
      sound.classList.remove("is-sounding");
    }, 450);
  }
}

let lastClip = -1;

/** Shows the words of a clip for as long as it takes to speak them, and reads them aloud where this computer can. @param {Snapshot["clip"]} clip */
function showClip(clip) {
  const isFirst = lastClip < 0;
  lastClip = clip.number;
  if (isFirst) return;
  const isSpoken = !clip.words.startsWith("(");
  tone.textContent = clip.words;
  tone.lang = isSpoken ? "zh-CN" : "en";
  sound.title = `Clip ${clip.clip}, volume ${clip.volume} of 30`;
  sound.classList.add("is-sounding");
  clearTimeout(silence);
  silence = setTimeout(
    () => {
      silence = undefined;
      tone.textContent = "silent";
      tone.lang = "en";
      sound.classList.remove("is-sounding");
    },
    isSpoken ? 2200 : 600,
  );
  if (!speaker || !isSpoken) return;
  const words = new SpeechSynthesisUtterance(clip.words);
  words.lang = "zh-CN";
  words.volume = clip.volume / 30;
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}

// --- records ---

/** Rows by the id of their record. @type {Map<string, HTMLTableRowElement>} */
const rows = new Map();

/** @param {number} ms */
function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** @param {RecordView} record */
function makeRow(record) {
  const row = document.createElement("tr");
  const words = make("td", "", makeChinese(record.chinese), " ", record.english, make("small", "", record.detail));
  const time = make("td", "time");
  if (record.wallSeconds) {
    // By the wall of the hall, wherever this browser is.
    const at = new Date((record.wallSeconds + shown.terminal.utcOffsetMinutes * 60) * 1000);
    time.append(at.toLocaleTimeString("en-GB", { timeZone: "UTC" }));
    time.title = at.toLocaleString("en-GB", { timeZone: "UTC" });
  } else {
    time.append(`+${duration(record.uptimeMs)}`);
    time.title = "Since the terminal was switched on: it does not know the time of day yet";
  }
  row.append(make("td", "sequence", String(record.sequence)), words, time, make("td", "place", make("span", "")));
  return row;
}

/** @param {readonly RecordView[]} records */
function showRecords(records) {
  const isFirst = rows.size === 0;
  const kept = new Set(records.map((record) => record.id));
  for (const [id, row] of rows) {
    if (kept.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  const table = element("records", HTMLTableSectionElement);
  records.forEach((record, i) => {
    let row = rows.get(record.id);
    if (!row) {
      row = makeRow(record);
      if (!isFirst) {
        row.classList.add("is-new");
        announce(`Record ${record.sequence}: ${record.english}`);
      }
      rows.set(record.id, row);
      table.insertBefore(row, table.children[i] ?? null);
    }
    const place = /** @type {HTMLElement} */ (row.querySelector(".place span"));
    if (place.className === record.place) return;
    place.className = record.place;
    place.textContent = PLACES[record.place].text;
    place.title = PLACES[record.place].title;
  });
}

function showCounts() {
  const { recordCount, waitingCount } = shown;
  const waiting = waitingCount ? `, ${waitingCount} not acknowledged` : ", all acknowledged";
  element("record-count", HTMLElement).textContent = recordCount ? `${recordCount}${waiting}` : "none yet";
}

// Who has no mouse scrolls with the keyboard.
const recordList = element("ledger-scroll", HTMLElement);
recordList.tabIndex = 0;
recordList.setAttribute("role", "region");
recordList.setAttribute("aria-label", "The records, newest first");

// --- everything else ---

/** @type {string[]} */
let announcements = [];

/** Tells people who do not see the page. @param {string} text */
function announce(text) {
  announcements.push(text);
  if (announcements.length > 1) return;
  setTimeout(() => {
    element("announcer", HTMLElement).textContent = announcements.join(". ");
    announcements = [];
  }, 150);
}

/**
 * @param {string} text
 * @param {boolean} isGood
 */
function showSaying(text, isGood) {
  says.textContent = text;
  says.classList.toggle("is-good", isGood);
  says.classList.toggle("is-bad", !isGood);
}

/**
 * @param {string} id
 * @param {boolean} isOn
 */
function showSwitch(id, isOn) {
  element(id, HTMLButtonElement).setAttribute("aria-checked", String(isOn));
}

/** Functions that show the parts of the snapshot. @type {{ [Name in keyof Snapshot]?: (value: Snapshot[Name], isFirst: boolean) => void }} */
const SHOW = {
  starting(step) {
    element("starting", HTMLElement).hidden = !step;
    element("starting-step", HTMLElement).textContent = step;
  },
  terminal(terminal) {
    // Another terminal counts its notes and clips from the beginning.
    lastNote = -1;
    lastClip = -1;
    pixelSide = 0;
    element("neighbours", HTMLElement).replaceChildren(...terminal.neighbours.map(makeNeighbour));
    element("setup-board", HTMLSelectElement).replaceChildren(...terminal.boards.map((board) => new Option(board, board)));
    element("setup-display", HTMLSelectElement).disabled = terminal.engine !== "node";
    const { setup } = terminal;
    for (const [part, value] of /** @type {const} */ ([
      ["board", setup.board],
      ["display", setup.display],
      ["timetable", setup.timetable],
      ["reasons", setup.hasReasons ? "yes" : "no"],
    ])) {
      element(`setup-${part}`, HTMLSelectElement).value = value;
    }
    buildKeys(terminal.grades);
    buildBadges(terminal);
    element("keys", HTMLElement).classList.toggle("has-rings", terminal.hasRings);
    signLamp.hidden = !terminal.hasSignLamp;
    tone.classList.toggle("is-voice", terminal.hasVoice);
    element("reads", HTMLElement).textContent = terminal.reads;
    reader.setAttribute("aria-label", `Badge reader, ${terminal.reads}`);
    canvas.setAttribute("aria-label", `The terminal’s display: ${terminal.display.width} by ${terminal.display.height} pixels`);
    bezel.classList.toggle("has-segments", terminal.display.isSegments);
    fitDisplay();
    element("counter-print", HTMLElement).textContent = `${terminal.counter} 号窗口 · Counter ${terminal.counter}`;
    const engine = terminal.engine === "bundle" ? "the minified bundle" : terminal.engine === "node" ? "the sources in Node" : terminal.engine;
    element("about", HTMLElement).textContent = `Terminal ${terminal.device} · board ${terminal.board} · running ${engine}`;
  },
  isPowered(isPowered, isFirst) {
    device.classList.toggle("is-dark", !isPowered);
    element("no-power", HTMLElement).hidden = isPowered;
    showSwitch("power", isPowered);
    element("power-state", HTMLElement).textContent = isPowered ? "on" : "off";
    for (const button of document.querySelectorAll("[data-key], .badge")) button.setAttribute("aria-disabled", String(!isPowered));
    if (!isFirst || !isPowered) announce(isPowered ? "Power is on" : "No power: press P to switch on");
  },
  problem(problem) {
    const line = element("problem", HTMLElement);
    line.hidden = !problem;
    line.textContent = problem ? `The firmware stopped: ${problem}` : "";
  },
  display: drawDisplay,
  lamps(lamps, isFirst) {
    for (const [lamp, name, isLit] of /** @type {const} */ ([
      [pauseLamp, "Pause light", lamps.pause],
      [answerLamp, "Answer light", lamps.answer],
      [signLamp, "Second light of the sign", lamps.sign],
    ])) {
      const wasLit = lamp.classList.contains("is-lit");
      lamp.classList.toggle("is-lit", isLit);
      lamp.setAttribute("aria-label", `${name}: ${isLit ? "lit" : "dark"}`);
      if (isLit !== wasLit && !isFirst && lamp === pauseLamp) announce(`${name} ${isLit ? "lit" : "dark"}`);
    }
    const keys = element("keys", HTMLElement);
    keys.classList.toggle("is-ringed", lamps.rings);
    keys.setAttribute("aria-label", lamps.rings ? "Citizen’s keys, rings lit" : "Citizen’s keys");
  },
  keysDown(keysDown) {
    for (const button of document.querySelectorAll("[data-key]")) {
      if (button instanceof HTMLElement) button.classList.toggle("is-down", keysDown.includes(/** @type {KeyName} */ (button.dataset.key)));
    }
  },
  notes: showNotes,
  clip: showClip,
  isLinkUp(isLinkUp, isFirst) {
    showSwitch("link", isLinkUp);
    element("link-state", HTMLElement).textContent = isLinkUp ? "up" : "down";
    if (!isFirst) announce(isLinkUp ? "Link is up" : "Link is down");
  },
  isDisplayConnected: (isConnected) => showSwitch("display-cable", isConnected),
  areKeysWorn: (areWorn) => showSwitch("worn", areWorn),
  hallMinutes(minutes) {
    const time = new Date(minutes * 60000).toISOString();
    const weekday = new Date(minutes * 60000).toLocaleDateString("en-GB", { weekday: "short", timeZone: "UTC" });
    element("hall-clock", HTMLElement).textContent = `${weekday} ${time.slice(0, 10)} ${time.slice(11, 16)}`;
    if (document.activeElement !== hallTime) hallTime.value = time.slice(0, 16);
  },
  isAcknowledging: (isAcknowledging) => showSwitch("acknowledge", isAcknowledging),
  hostSays(saying) {
    if (saying.number) showSaying(saying.text, saying.isGood);
  },
  seconds(seconds) {
    element("clock", HTMLElement).textContent = duration(seconds * 1000);
  },
  records: showRecords,
  recordCount: showCounts,
  waitingCount: showCounts,
};

/** @param {Partial<Snapshot>} change */
function show(change) {
  const isFirst = !shown.terminal;
  shown = { ...shown, ...change };
  for (const name of /** @type {(keyof Snapshot)[]} */ (Object.keys(change))) {
    const showPart = /** @type {((value: unknown, isFirst: boolean) => void) | undefined} */ (SHOW[name]);
    showPart?.(change[name], isFirst);
  }
  // New buttons must know whether there is power.
  if (change.terminal) SHOW.isPowered?.(shown.isPowered, true);
}

const events = new EventSource("events");
events.addEventListener("message", (event) => {
  element("offline", HTMLElement).hidden = true;
  show(JSON.parse(event.data));
});
events.addEventListener("error", () => {
  element("offline", HTMLElement).hidden = false;
});

// --- the host's commands, and the world ---

/** @param {import("./actions.js").HostCommand} message */
const command = (message) => act({ do: "command", command: message });

/**
 * Does something when a form is sent.
 * @param {string} id
 * @param {() => void} happen
 */
function onSubmit(id, happen) {
  element(id, HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    happen();
  });
}

/**
 * Does something when a button is pressed.
 * @param {string} id
 * @param {() => void} happen
 */
function onClick(id, happen) {
  element(id, HTMLButtonElement).addEventListener("click", happen);
}

const NEIGHBOUR_STATES = /** @type {const} */ (["open", "paused", "unattended", "closed"]);
const hallTime = element("hall-time", HTMLInputElement);

/** @param {string} counter */
function makeNeighbour(counter) {
  const select = document.createElement("select");
  select.setAttribute("aria-label", `State of counter ${counter}`);
  select.append(new Option("unknown", ""), ...NEIGHBOUR_STATES.map((state) => new Option(state, state)));
  select.addEventListener("change", () => {
    const state = NEIGHBOUR_STATES.find((each) => each === select.value);
    if (state) command({ do: "neighbour", counter, state });
  });
  return make("span", "neighbour", `Counter ${counter}`, select);
}

onClick("open", () => command({ do: "open", transaction: transaction.value }));
onClick("invite-long", () => command({ do: "invite", transaction: transaction.value, long: true }));
onClick("open-waited", () => command({ do: "open", transaction: transaction.value, waited: true }));
for (const name of /** @type {const} */ (["finish", "cancel", "resume"])) onClick(name, () => command({ do: name }));
onSubmit("refer-form", () => command({ do: "refer", counter: element("other-counter", HTMLInputElement).value }));
onSubmit("waiting-form", () => command({ do: "waiting", count: element("waiting", HTMLInputElement).valueAsNumber }));
onSubmit("pause-form", () => command({ do: "pause", reason: /** @type {"brief"} */ (element("reason", HTMLSelectElement).value) }));
onSubmit("leader-form", () => command({ do: "leader", by: element("leader", HTMLInputElement).value }));
onSubmit("emergency-form", () => command({ do: "emergency", text: element("emergency", HTMLInputElement).value }));
onClick("emergency-over", () => command({ do: "emergency", text: "" }));
onSubmit("clock-form", () => {
  // The field is the wall of the hall, whose distance from UTC the terminal's configuration has.
  act({ do: "setTime", unix: Math.round(hallTime.valueAsNumber / 1000) - shown.terminal.utcOffsetMinutes * 60 });
});
for (const button of document.querySelectorAll("[data-forward-minutes]")) {
  button.addEventListener("click", () => act({ do: "advance", ms: Number(button.getAttribute("data-forward-minutes")) * 60000 }));
}
for (const button of document.querySelectorAll("[data-until-minute]")) {
  button.addEventListener("click", () => act({ do: "advanceTo", minuteOfDay: Number(button.getAttribute("data-until-minute")) }));
}
onClick("noisy", () => {
  const badge = shown.terminal.people[0]?.badge;
  if (badge) act({ do: "noisyBadge", badge });
});
onClick("display-cable", () => act({ do: "display", isConnected: !shown.isDisplayConnected }));
onClick("worn", () => act({ do: "wear", isWorn: !shown.areKeysWorn }));
onSubmit("setup-form", () => {
  const chosen = (/** @type {string} */ part) => element(`setup-${part}`, HTMLSelectElement).value;
  const setup = /** @type {Action} */ ({
    do: "setup",
    board: chosen("board"),
    display: chosen("display"),
    timetable: chosen("timetable"),
    hasReasons: chosen("reasons") === "yes",
  });
  const button = element("setup-start", HTMLButtonElement);
  button.disabled = true;
  act(setup);
  void sending.then(() => {
    button.disabled = false;
  });
});

// --- buttons and the keyboard ---

bindKey(element("key-invite", HTMLButtonElement), "invite");
bindKey(element("key-pause", HTMLButtonElement), "pause");

const togglePower = () => act({ do: "power", isOn: !shown.isPowered });
const toggleLink = () => act({ do: "link", isUp: !shown.isLinkUp });

onClick("power", togglePower);
onClick("switch-on", () => act({ do: "power", isOn: true }));
onClick("link", toggleLink);
onClick("acknowledge", () => act({ do: "acknowledge", isOn: !shown.isAcknowledging }));
onClick("set-time", () => act({ do: "setTime" }));
onClick("forward", () => act({ do: "advance", ms: 30000 }));

onSubmit("invite-form", () => {
  command({ do: "invite", transaction: transaction.value });
  // The next transaction has the next number.
  transaction.value = transaction.value.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, "0"));
});

/** @type {Readonly<Record<string, KeyName>>} */
const KEY_OF_LETTER = { 1: "key1", 2: "key2", 3: "key3", 4: "key4", 5: "key5", i: "invite", b: "pause" };

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
  const letter = event.key.toLowerCase();
  const key = KEY_OF_LETTER[letter];
  if (key) press(key, event.code);
  else if (badgeOfLetter.has(letter)) badgeOfLetter.get(letter)?.click();
  else if (letter === "p") togglePower();
  else if (letter === "l") toggleLink();
});
document.addEventListener("keyup", (event) => {
  for (const key of holds.keys()) release(key, event.code);
});
window.addEventListener("blur", releaseAll);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) releaseAll();
});
