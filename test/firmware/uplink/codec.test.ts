// Messages as lines: a message comes out as it went in, and a changed line does not come out.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLine, encodeLine, parseMessage } from "../../../firmware/uplink/codec.js";

const crcOf = (data: string): number => crc32(Buffer.from(data, "latin1"));

/** A line with any text and its right CRC. */
function lineOf(text: string): string {
  return `${text}*${crcOf(text).toString(16).padStart(8, "0")}`;
}

/** Values that JSON keeps unchanged, without an escape but `\"`, and without an exponent. */
const plain = fc
  .dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 })
  .map((message) => JSON.parse(JSON.stringify(message)) as Record<string, unknown>)
  .filter((message) => !/\\[^"]|__proto__|[0-9]e[-+]/.test(JSON.stringify(message)));

describe("A number with an exponent", () => {
  it.each([
    '{"a":1e999999999}',
    '{"a":1E9}',
    '{"a":1.e9}',
    '{"a":-0.5e-9}',
    `{'"':1e9,"a":1}`,
    '{`"`:1e9,"a":1}',
    '{/*"*/"a":1e9,"b":"\\""}',
    '{//"\n"a":1e9}',
  ])("is not parsed: %s", (text) => {
    expect(parseMessage(text)).toEqual({});
  });

  it.each(['{"a":"1e9"}', '{"a":"/*1e9*/"}', '{"a":"it\'s 1e9"}', '{"a":"\\"1e9"}'])("is none inside a string: %s", (text) => {
    expect(parseMessage(text)).toEqual(JSON.parse(text));
  });
});

describe("A string where none may stand", () => {
  const long = "x".repeat(64);
  it.each([
    `{"a":"b""${long}"}`,
    `{"a":1"${long}"}`,
    `{"a":[] "${long}"}`,
    `{"a""${long}"}`,
    `{"a":true"${long}"}`,
    `{"a":1,"b":{}\t"${long}":1}`,
    `[1"${long}"]`,
    `"${long}"`,
    // The interpreter stops reading behind an object, and Node does not.
    '{"a":1}""',
    '{"a":1""}',
  ])("is not parsed: %s", (text) => {
    expect(parseMessage(text)).toEqual({});
  });

  it.each([`{"a" : [ "${long}" ,"b"], "c":{ "${long}":[["d"]]}}`, `{\r\n"a":\t"${long}"}`])("is none where one may: %s", (text) => {
    expect(parseMessage(text)).toEqual(JSON.parse(text));
  });
});

describe("A message", () => {
  it("comes out of its line as it went in", () => {
    fc.assert(
      fc.property(plain, (message) => {
        expect(decodeLine(encodeLine(message, crcOf), crcOf)).toEqual(message);
      }),
    );
  });

  it("is JSON, a star and eight hexadecimal digits, with zeros in front where the CRC is small", () => {
    expect(encodeLine({ id: 1, do: "time", unix: 1772411403 }, crcOf)).toBe('{"id":1,"do":"time","unix":1772411403}*a2352381');
    for (const [crc, digits] of [
      [0, "00000000"],
      [0xa, "0000000a"],
      [0x00bcdef1, "00bcdef1"],
      [0xffffffff, "ffffffff"],
    ] as const) {
      const line = encodeLine({ a: 1 }, () => crc);
      expect(line).toBe(`{"a":1}*${digits}`);
      expect(decodeLine(line, () => crc)).toEqual({ a: 1 });
    }
  });
});

describe("A line", () => {
  it("of which one byte was changed is refused, whichever byte and whatever it became", () => {
    const changed = fc.record({ message: plain, place: fc.nat(), byte: fc.integer({ min: 32, max: 255 }) });
    fc.assert(
      fc.property(changed, ({ message, place, byte }) => {
        const line = Buffer.from(encodeLine(message, crcOf), "latin1").toString("latin1");
        const at = place % line.length;
        const other = line.slice(0, at) + String.fromCharCode(byte) + line.slice(at + 1);
        // The digits of the CRC may be in lower or upper case.
        if (other === line || (at > line.length - 9 && other.toLowerCase() === line.toLowerCase())) return;
        expect(decodeLine(other, crcOf)).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  it("of which bytes were lost, doubled or turned round is refused", () => {
    const line = encodeLine({ do: "acknowledge", log: 3777279546, seq: 112 }, crcOf);
    for (let at = 0; at < line.length; at++) {
      expect(decodeLine(line.slice(0, at) + line.slice(at + 1), crcOf)).toBeUndefined();
      expect(decodeLine(line.slice(0, at), crcOf)).toBeUndefined();
      expect(decodeLine(line.slice(at + 1), crcOf)).toBeUndefined();
      expect(decodeLine(line.slice(0, at) + line.charAt(at) + line.slice(at), crcOf)).toBeUndefined();
      const swapped = line.slice(0, at) + line.charAt(at + 1) + line.charAt(at) + line.slice(at + 2);
      if (swapped !== line) expect(decodeLine(swapped, crcOf)).toBeUndefined();
    }
  });

  it("is refused whatever noise it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 600 }), (noise) => {
        expect(decodeLine(noise, crcOf)).toBeUndefined();
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["only a star and a CRC", lineOf("")],
    ["a list", lineOf("[1,2,3]")],
    ["a number", lineOf("12")],
    ["null", lineOf("null")],
    ["true", lineOf("true")],
    ["broken JSON with a right CRC", lineOf('{"do":"invite"')],
    ["two objects", lineOf("{}{}")],
    ["no star", lineOf("{}").replace("*", " ")],
    ["seven digits", lineOf("{}").slice(0, -1)],
    ["nine digits", `{}*0${lineOf("{}").slice(3)}`],
    ["something behind the CRC", `${lineOf("{}")} `],
    ["a carriage return behind the CRC, which the link has to take away", `${lineOf("{}")}\r`],
  ])("is refused when it is %s", (_, line) => {
    expect(decodeLine(line, crcOf)).toBeUndefined();
  });

  it.each(["0x0000a1", "   000a1", "+0000 a1", "a1      ", "a1zzzzzz", "0x000a1 ", "-0000000"])("is refused when its CRC is written %j", (digits) => {
    expect(decodeLine(`{}*${digits}`, () => Number.parseInt(digits, 16))).toBeUndefined();
  });

  it("may have its CRC in capitals, spaces in its JSON, and any fields", () => {
    expect(decodeLine('{"id":1,"do":"time","unix":1772411403}*A2352381', crcOf)).toEqual({ id: 1, do: "time", unix: 1772411403 });
    expect(decodeLine(lineOf('{ "do" : "invite", "more" : [ {} ] }'), crcOf)).toEqual({ do: "invite", more: [{}] });
    expect(decodeLine(lineOf("{}"), crcOf)).toEqual({});
  });
});
