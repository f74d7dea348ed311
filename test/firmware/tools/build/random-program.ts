// Makes random programs of the kind that the firmware is: factories with closures and state, objects that are handed on or not, constants, functions that
// return early, loops, branches. A list of numbers decides everything in a program, so a shorter list makes a simpler one.

/** Most parameters of a function. */
const PARAMETERS = 3;
/** Most calls that one call may lead to: functions call each other, also in loops. */
const COST = 60;
/** Depth from which an expression is only a name or a literal. */
const DEPTH = 3;

/** A function that a program may call: the text in front of its arguments, and how many it takes. */
interface Callable {
  readonly call: string;
  readonly parameters: number;
  /** Most calls that one call of it leads to, roughly. */
  readonly cost: number;
}

/** What is known at a place of a program. */
interface Scope {
  /** Variables and parameters that hold numbers. The first `fixed` of them are never set. */
  readonly numbers: string[];
  /** Those that may be set. */
  readonly variables: string[];
  /** Objects whose properties `n`, `m` and `text` may be read and set. */
  readonly objects: string[];
  readonly functions: Callable[];
}

/**
 * @param choices numbers from 0; a program takes one for each decision, and 0 once they are used up
 * @returns a script in ES5 that calls `tell` with up to three numbers, strings or booleans each time. Everything is declared above its use
 */
export function randomProgram(choices: readonly number[]): string {
  let at = 0;
  let names = 0;
  /** Calls in the function that is being made, and how often each of them runs at the most. */
  let spent = 0;
  let weight = 1;
  const pick = (count: number): number => (choices[at++] ?? 0) % count;
  const chance = (percent: number): boolean => pick(100) >= 100 - percent;
  const oneOf = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const fresh = (kind: string): string => `${kind}${names++}`;
  const times = <T>(most: number, make: () => T): T[] => Array.from({ length: pick(most + 1) }, make);
  /** Names in different functions may be the same. */
  const local = (kind: string): string => (chance(50) ? `${kind}${pick(3)}` : fresh(kind));

  const literal = (): string => String(oneOf([0, 1, 2, 7, 255, 1000]));

  function numberOf(scope: Scope, depth = 0): string {
    const simple = (): string => (scope.numbers.length > 0 && chance(70) ? oneOf(scope.numbers) : literal());
    if (depth >= DEPTH) return simple();
    const next = (): string => numberOf(scope, depth + 1);
    switch (pick(9)) {
      case 0:
        return simple();
      case 1:
        return `(${next()} ${oneOf(["+", "-", "*", "&", "|", "^"])} ${next()} & 4095)`;
      case 2:
        return `(${truthOf(scope, depth + 1)} ? ${next()} : ${next()})`;
      case 3:
        return `(${next()} || ${next()})`;
      case 4:
        return `(${next()} && ${next()})`;
      case 5:
        return scope.objects.length > 0 ? `${oneOf(scope.objects)}.${oneOf(["n", "m"])}` : simple();
      case 6:
        return scope.functions.length > 0 ? callOf(scope, depth + 1) : simple();
      case 7:
        return scope.objects.length > 0 ? `${oneOf(scope.objects)}.text.length` : simple();
      default:
        return `~${simple()}`;
    }
  }

  function truthOf(scope: Scope, depth: number): string {
    if (scope.objects.length > 0 && chance(10)) return `${oneOf(scope.objects)}.absent === undefined`;
    return `${numberOf(scope, depth + 1)} ${oneOf(["<", ">", "===", "!=="])} ${numberOf(scope, depth + 1)}`;
  }

  function callOf(scope: Scope, depth: number): string {
    const { call, parameters, cost } = oneOf(scope.functions);
    if (spent + cost * weight > COST) return literal();
    spent += cost * weight;
    return `${call}(${Array.from({ length: parameters }, () => numberOf(scope, depth + 1)).join(", ")})`;
  }

  function statement(scope: Scope, depth: number): string {
    const block = (): string => `{ ${times(2, () => statement(scope, depth + 1)).join(" ")} }`;
    switch (pick(depth < 2 ? 9 : 5)) {
      case 0:
        return `tell(${[numberOf(scope), ...times(2, () => numberOf(scope))].join(", ")});`;
      case 1:
        return scope.variables.length > 0 ? `${oneOf(scope.variables)} ${oneOf(["=", "+=", "-="])} ${numberOf(scope)};` : ";";
      case 2:
        return scope.objects.length > 0 ? `${oneOf(scope.objects)}.${oneOf(["n", "m"])} ${oneOf(["=", "+="])} ${numberOf(scope)};` : ";";
      case 3:
        return scope.objects.length > 0 ? `${oneOf(scope.objects)}.text = "${oneOf(["", "a", "longer text"])}";` : ";";
      case 4:
        return scope.functions.length > 0 ? `${callOf(scope, 1)};` : ";";
      case 5:
        return `if (${truthOf(scope, 0)}) ${block()}${chance(50) ? ` else ${block()}` : ""}`;
      case 6: {
        const i = fresh("i");
        weight *= 4;
        const loop = `for (var ${i} = 0; ${i} < ${pick(4)}; ${i}++) ${block()}`;
        weight /= 4;
        return loop;
      }
      case 7:
        return `try { ${statement(scope, depth + 1)} if (${truthOf(scope, 1)}) { throw "thrown"; } } catch (${local("caught")}) { tell(0); }`;
      default:
        return `switch (${numberOf(scope, 2)} & 3) { case 0: ${statement(scope, depth + 1)} break; case 1: ${statement(scope, depth + 1)} default: tell(9); }`;
    }
  }

  /** A function with statements, and its own inner functions now and then. @returns its text and how to call it */
  function functionIn(scope: Scope, name: string, depth: number): string {
    const [spentOutside, weightOutside] = [spent, weight];
    spent = 0;
    weight = 1;
    const parameters = [...new Set(times(PARAMETERS, () => local("p")))];
    const variables = [...new Set(times(2, () => local("v")))].filter((each) => !parameters.includes(each));
    const hidden = new Set([...parameters, ...variables]);
    const inner: Scope = {
      numbers: [...scope.numbers.filter((each) => !hidden.has(each)), ...parameters, ...variables],
      variables: [...scope.variables.filter((each) => !hidden.has(each)), ...variables],
      objects: [...scope.objects],
      functions: [...scope.functions],
    };
    const outside: Scope = { ...inner, numbers: inner.numbers.filter((each) => !variables.includes(each)) };
    const declarations = variables.map((each) => `var ${each} = ${numberOf(outside, 2)};`);
    const helpers = depth < 1 ? times(1, () => functionIn(inner, fresh("helper"), depth + 1)) : [];
    const body = times(3, () => statement(inner, 0));
    const early = chance(30) ? `if (${truthOf(inner, 1)}) return ${numberOf(inner, 2)};` : "";
    const cold = depth === 0 && chance(15) ? "/** @cold */ " : "";
    const code = `${cold}function ${name}(${parameters.join(", ")}) { ${[...declarations, ...helpers, early, ...body].join(" ")} return ${numberOf(inner, 1)}; }`;
    scope.functions.push({ call: name, parameters: parameters.length, cost: 1 + spent });
    [spent, weight] = [spentOutside, weightOutside];
    return code;
  }

  /** A factory that returns an object of functions and numbers, and where it is called. */
  function factory(top: Scope): string {
    const name = fresh("create");
    const parameters = times(2, () => fresh("given"));
    const variables = times(3, () => fresh("own"));
    const inner: Scope = {
      numbers: [...top.numbers, ...parameters],
      variables: [...top.variables],
      objects: [...top.objects],
      functions: [...top.functions],
    };
    const declared = variables.map((each) => `var ${each} = ${numberOf(inner, 2)};`);
    inner.numbers.push(...variables);
    inner.variables.push(...variables);
    const state = chance(40) ? fresh("state") : "";
    if (state) declared.push(`var ${state} = ${objectOf(inner)};`);
    if (state) inner.objects.push(state);
    const before = inner.functions.length;
    // Functions of two factories may have one name.
    const functions = Array.from({ length: 1 + pick(3) }, (_, i) => functionIn(inner, chance(50) ? `method${i}` : fresh("run"), 0));
    const own = inner.functions.slice(before);
    const methods = own.map((each, i) => ({ key: `f${i}`, ...each }));
    const properties = [
      ...methods.map(({ key, call }) => `${key}: ${call}`),
      `n: ${numberOf(inner, 2)}`,
      `m: ${numberOf(inner, 2)}`,
      `text: "${oneOf(["", "made"])}"`,
    ];
    const instances = Array.from({ length: chance(25) ? 2 : 1 }, () => fresh("made"));
    const made = instances.map((each) => `var ${each} = ${name}(${parameters.map(() => numberOf(top, 2)).join(", ")});`);
    for (const each of instances) {
      top.objects.push(each);
      for (const { key, parameters: count, cost } of methods) top.functions.push({ call: `${each}.${key}`, parameters: count, cost });
    }
    const early = chance(10) ? `if (${truthOf(inner, 2)}) tell(5);` : "";
    return `function ${name}(${parameters.join(", ")}) { ${[...declared, ...functions, early].join("\n  ")}\n  return { ${properties.join(", ")} }; }\n${made.join("\n")}`;
  }

  function objectOf(scope: Scope): string {
    return `{ n: ${numberOf(scope, 2)}, m: ${numberOf(scope, 2)}, text: "${oneOf(["", "b"])}" }`;
  }

  const top: Scope = { numbers: [], variables: [], objects: [], functions: [] };
  const parts: string[] = [];
  for (let i = 4 + pick(8); i > 0; i--) {
    spent = 0;
    switch (pick(6)) {
      case 0: {
        const name = fresh("CONSTANT");
        parts.push(`var ${name} = ${chance(50) ? literal() : `${literal()} * ${literal()}`};`);
        top.numbers.push(name);
        break;
      }
      case 1: {
        const name = fresh("variable");
        parts.push(`var ${name} = ${numberOf(top, 1)};`);
        top.numbers.push(name);
        top.variables.push(name);
        break;
      }
      case 2: {
        const name = fresh("object");
        parts.push(`var ${name} = ${objectOf(top)};`);
        top.objects.push(name);
        break;
      }
      case 3:
        parts.push(functionIn(top, fresh("run"), 0));
        break;
      case 4:
        parts.push(factory(top));
        break;
      default:
        parts.push(statement(top, 0));
    }
  }
  const read = top.objects.map((each) => `tell(${each}.n, ${each}.m, ${each}.text);`);
  return [...parts, ...read, `tell(${numberOf(top)}, ${numberOf(top)});`].join("\n");
}
