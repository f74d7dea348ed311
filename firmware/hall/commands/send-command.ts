// receive send: gives a terminal a command through the receiver that is at work.

import { Command } from "commander";
import { print } from "../../tools/output.js";
import { jsonOption } from "../../tools/program.js";
import { ToolError } from "../../tools/tool-error.js";
import { askReceiver, type ControlRequest } from "../control-socket.js";
import { databaseOption } from "./database-option.js";

export function sendCommand(): Command {
  return new Command("send")
    .description('give a terminal a command through the receiver that is at work: send sim-08 \'{"do":"invite","transaction":"T-2041"}\'')
    .argument("<device>", "its name")
    .argument("<command>", "JSON, as in PROTOCOL.md; it is signed where it has to be")
    .addOption(databaseOption())
    .addOption(jsonOption("for scripts: a failure is a JSON object too, as the answer is"))
    .action(async (device: string, text: string, { database }: { readonly database: string }) => {
      const answer = await askReceiver(database, { device, command: commandIn(text) });
      print(JSON.stringify(answer));
      if (!("result" in answer)) process.exitCode = 1;
    });
}

/** The command that somebody has written. @throws ToolError `commandInvalid` when the text is no JSON object */
export function commandIn(text: string): ControlRequest["command"] {
  let command: unknown;
  try {
    command = JSON.parse(text);
  } catch {
    throw notACommand(`${text}: is no JSON.`);
  }
  if (typeof command === "object" && command !== null && !Array.isArray(command)) return plainText(command as ControlRequest["command"]);
  throw notACommand(`${text}: a command is a JSON object.`);
}

/** People write the text of an emergency as it is: `text`. The terminal gets it as `text64`. */
function plainText(command: ControlRequest["command"]): ControlRequest["command"] {
  const { text, ...others } = command;
  if (command.do !== "emergency" || typeof text !== "string" || "text64" in command) return command;
  return { ...others, text64: Buffer.from(text).toString("base64") };
}

function notACommand(message: string): ToolError {
  const todo = `Write the command in single quotes, such as '{"do":"selfTest"}'.`;
  return new ToolError("commandInvalid", message, "Nothing was sent to the terminal.", todo);
}
