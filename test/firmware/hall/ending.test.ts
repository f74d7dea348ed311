// A receiver that ends: nothing of it goes on, whoever was in the middle of giving commands.

import { expect, it } from "vitest";
import { hello, peerOf, ratings, recordMessage, TestHall } from "./test-hall.js";

it("gives no further command, so that its process ends at once", async () => {
  const hall = new TestHall();
  const records = ratings(4);
  const a = peerOf();
  hall.say(a, hello("a", { last: 4 }), ...[1, 2, 3, 4].map((sequence) => recordMessage(sequence, records)));
  // Another board of this name: the receiver asks it for one record after another.
  hall.say(a, hello("a", { last: 4, acknowledged: 0 }));
  const { receiver } = hall;
  const given = receiver.commandTo("a", { do: "waiting", count: 1 });
  receiver.close();
  await expect(given).rejects.toMatchObject({ code: "receiverEnded" });
  await expect(receiver.commandTo("a", { do: "waiting", count: 2 })).rejects.toMatchObject({
    code: "receiverEnded",
    state: expect.stringContaining("Nothing was sent"),
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(hall.clock.nextMs).toBe(Number.POSITIVE_INFINITY);
  hall.store.close();
  hall.open();
  hall.remove();
});
