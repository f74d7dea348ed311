import { ToolError } from "../tools/tool-error.js";

/** Something that whoever runs the receiver has to do otherwise. The message says what. */
export class ReceiveError extends ToolError {
  constructor(message: string) {
    super("usage", message, "The hall's database is as it was.", "Do what the message says, and run the same command again.");
  }
}
