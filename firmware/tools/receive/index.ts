// The receiver as a library: a receiver of your own in a few lines. See README.md, "Receive".

export type { Command, DownMessage, UpMessage } from "../../uplink/messages.js";
export type { Answer } from "./command-desk.js";
export { type DeviceKeys, keysIn } from "./device-keys.js";
export { exportLines, reportOf } from "./export.js";
export type { ReceiverEvent } from "./hall-state.js";
export { listenMqtt } from "./mqtt-source.js";
export { ReceiveError } from "./receive-error.js";
export { createReceiver, type Peer, type Receiver, type ReceiverOptions } from "./receiver.js";
export { REPLACEABLE, type Replaceable, type Replacement, replaceFile, replacementFor } from "./replace.js";
export { listenSerial } from "./serial-source.js";
export type { Source, SourceListener } from "./source.js";
export { claim, Store } from "./store.js";
export { listenTcp } from "./tcp-source.js";
