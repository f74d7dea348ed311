// A clerk as the roster tells of one, for tests of what happens with clerks.

import type { Staff } from "../../firmware/config/roster.js";

export const CLERK: Staff = {
  badge: "W26:1A2B3C",
  number: "1024",
  name: "Wang",
  post: "Desk",
  role: "clerk",
  isParty: false,
  stars: 0,
  from: "",
  until: "",
  counters: "",
  isRevoked: false,
};
