// The receiver as a library, for a program of your own.

export { type ConnectionLimits, DEFAULT_LIMITS } from "../tools/link/connection-limits.js";
export { listenSerial } from "../tools/link/serial-source.js";
export type { Peer, Source, SourceListener } from "../tools/link/source.js";
export { listenTcp } from "../tools/link/tcp-source.js";
export { type ErrorCode, type ErrorReport, ToolError } from "../tools/tool-error.js";
export type { Command, DownMessage, UpMessage } from "../uplink/messages.js";
export { keysIn } from "./device-keys.js";
export type { Answer } from "./receiver/command-queue.js";
export type { DeviceKeys, ReceiverEvent } from "./receiver/hall-state.js";
export { createReceiver, type Receiver, type ReceiverOptions } from "./receiver/receiver.js";
export { REPLACEABLE, type Replaceable, type Replacement, replaceFile, replacementFor } from "./replace.js";
export { type HallReport, reportOf, reportText } from "./reports/log-report.js";
export { type ExportFormat, exportLines } from "./reports/record-export.js";
export { clientIdOf, listenMqtt } from "./sources/mqtt-source.js";
export { claim } from "./store/receiver-claim.js";
export { SqliteStore } from "./store/sqlite-store.js";
export { type Archive, StorageError, type Store } from "./store/store.js";
