// What of the npm package `qrcode` is used: it brings no types.

declare module "qrcode" {
  const qrcode: { toString(text: string, options: { type: "utf8" | "svg"; margin: number }): Promise<string> };
  export = qrcode;
}
