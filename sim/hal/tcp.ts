// The TCP link of the simulated layer: connects at the start, and again some time after the connection broke.

import { RETRY_MS } from "../../hal/espruino/link/tcp.js";
import type { LinkListener } from "../../hal/link.js";
import type { World } from "../world.js";

export interface TcpSimulation {
  start(host: string, listener: LinkListener): void;
  isConnected(): boolean;
  onLink(isUp: boolean): void;
}

/** @param after runs something later, unless the power went */
export function createTcpSimulation(world: World, after: (ms: number, run: () => void) => object): TcpSimulation {
  let listener: LinkListener | undefined;
  let isConnected = false;

  function connect(): void {
    if (world.isLinkUp) {
      isConnected = true;
      listener?.onState(true);
    } else after(RETRY_MS, connect);
  }

  return {
    start(host, newListener) {
      listener = newListener;
      if (host) after(0, connect);
      else after(0, () => newListener.onState(false));
    },
    isConnected: () => isConnected,
    onLink(isUp) {
      if (isUp || !isConnected) return;
      isConnected = false;
      listener?.onState(false);
      after(RETRY_MS, connect);
    },
  };
}
