// Scalar replacement: makes a variable of each property of an object that exists once and is never handed on. The state of the terminal and the objects
// that factories return become plain variables and functions. Reading a property takes the interpreter two searches, reading a variable one.

import type { ObjectExpression, Property } from "acorn";
import { MappedText } from "./mapped-text.js";
import { declarationOf } from "./name-functions.js";
import { Changes, freshName, type Program } from "./program.js";
import type { Mention } from "./program-part.js";

export function scalarReplacement(program: Program): Program {
  const changes = new Changes();
  const taken = new Set(program.names.keys());
  for (const { name, uses, statement, init } of program.constants()) {
    if (init.type !== "ObjectExpression" || !init.properties.every(isPlain)) continue;
    const keys = propertiesOf(init).map(keyOf);
    if (new Set(keys).size < keys.length || !uses.every((use) => isReplaceable(use, keys))) continue;
    const variables = new Map(keys.map((key) => [key, freshName(`${name}_${key.replace(/\W/g, "_")}`, taken)]));
    const declarations = propertiesOf(init).map((property) => {
      const { value } = property;
      const variable = variables.get(keyOf(property)) as string;
      const isFunction = value.type === "FunctionExpression" && !value.id;
      const declared = isFunction ? declarationOf(program, variable, value) : MappedText.join([`var ${variable} = `, program.textOf(value), ";"]);
      return MappedText.join([program.commentBefore(property), declared, "\n"]);
    });
    changes.add([
      { start: statement.start, end: statement.end, text: MappedText.join(declarations) },
      ...uses.map(({ path }) => {
        const member = path.at(-1);
        if (member?.type !== "MemberExpression" || member.property.type !== "Identifier") throw new Error("not a property");
        // A property that the object never gets is undefined.
        return { start: member.start, end: member.end, text: variables.get(member.property.name) ?? "(void 0)" };
      }),
    ]);
  }
  return changes.appliedTo(program);
}

function isPlain(property: ObjectExpression["properties"][number]): boolean {
  return property.type === "Property" && property.kind === "init";
}

function propertiesOf(object: ObjectExpression): Property[] {
  return object.properties as Property[];
}

function keyOf({ key }: Property): string {
  return key.type === "Identifier" ? key.name : String((key as { readonly value?: unknown }).value);
}

/** Whether a use only reads or sets a property that a variable can stand for. */
function isReplaceable({ node, path }: Mention, keys: readonly string[]): boolean {
  const parent = path.at(-1);
  const outside = path.at(-2);
  if (parent?.type !== "MemberExpression" || parent.object !== node || parent.computed || parent.property.type !== "Identifier") return false;
  if (outside?.type === "UnaryExpression" && outside.operator === "delete") return false;
  const isSet = (outside?.type === "AssignmentExpression" && outside.left === parent) || outside?.type === "UpdateExpression";
  // Objects inherit some properties, such as `toString`: these are not undefined.
  return keys.includes(parent.property.name) || !(isSet || parent.property.name in {});
}
