// The receiver as a library: a receiver of your own in a few lines. See README.md, "Receive".

export { listenSerial } from "../tools/link/serial-source.js";
export type { Peer, Source, SourceListener } from "../tools/link/source.js";
export { listenTcp } from "../tools/link/tcp-source.js";
export type { Command, DownMessage, UpMessage } from "../uplink/messages.js";
export { exportLines, reportOf } from "./export.js";
export { ReceiveError } from "./receive-error.js";
export type { Answer } from "./receiver/command-queue.js";
export { type DeviceKeys, keysIn } from "./receiver/device-keys.js";
export type { ReceiverEvent } from "./receiver/hall-state.js";
export { createReceiver, type Receiver, type ReceiverOptions } from "./receiver/receiver.js";
export { REPLACEABLE, type Replaceable, type Replacement, replaceFile, replacementFor } from "./replace.js";
export { listenMqtt } from "./sources/mqtt-source.js";
export { claim, Store } from "./store/store.js";
