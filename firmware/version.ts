/** Version of the firmware, stored in the first record of each start. */
export const FIRMWARE_VERSION = "0.1.0";
