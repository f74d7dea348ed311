// The name of a terminal in the hall's systems. It becomes a part of file names and of MQTT topics, so board, tool and receiver refuse any other name.

/** The characters of a name, 1 or more. Espruino's patterns have no `{1,16}`. */
export const DEVICE_NAME = /^[\w-]+$/;

/** Most characters of a name. */
export const MOST_NAME_CHARACTERS = 16;

/** The form of a name, for messages. */
export const DEVICE_NAME_WORDS = "1 to 16 letters (A to Z, a to z), digits, _ or -";

/** Whether a terminal may have this name. */
export function isDeviceName(name: string): boolean {
  return DEVICE_NAME.test(name) && name.length <= MOST_NAME_CHARACTERS;
}
