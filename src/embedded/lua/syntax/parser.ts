import { LuaError } from "../error.ts";
import { expression, expressionList, field, suffixed, variable } from "./expressions.ts";
import { Lexer } from "./lexer.ts";
import { FunctionScope } from "./scope.ts";
import type { Chunk, Expression, FunctionBody, Place, Statement, Target, Variable } from "./tree.ts";

/** How deep blocks and expressions may nest, as in Lua. */
const LEVELS_MAX = 200;

/**
 * How long `a + b + c…` and `a.b.c…` may go on in one expression. Lua has no such limit, but the tree nests with each link, and
 * what walks it must not overflow the stack.
 */
const LINKS_MAX = 1_500;

/** Names through which a program may get at coroutines, or at code that nobody has seen yet. */
const COROUTINE_NAMES = /\b(?:coroutine|_G|load|loadstring|getfenv|getmetatable)\b/;

/**
 * Reads Lua 5.1 source. Names are resolved on the way, so the tree says of each variable who owns it and who uses it.
 *
 * @param chunk the name that errors show: `user_script`
 * @param levels levels of nesting that are used up already
 * @param counted before each statement stands one that counts it
 * @throws {LuaError} a syntax error, with Lua's own text
 */
export function parse(source: string, chunk: string, levels = 0, counted = false): Chunk {
  try {
    const places: Place[] | undefined = counted ? [] : undefined;
    const parser = new Parser(new Lexer(source, chunk), levels, places);
    return { main: parser.main(), mayYield: COROUTINE_NAMES.test(source), places };
  } catch (thrown) {
    // The levels are counted, but what is written one after the other, such as a()()()…, may nest deeper than the stack too.
    if (thrown instanceof RangeError) throw new LuaError(`${chunk}:1: chunk has too many syntax levels`);
    throw thrown;
  }
}

/** Reads statements; `expressions.ts` reads expressions. */
export class Parser {
  readonly lexer: Lexer;
  /** The function that is being read. */
  scope: FunctionScope;
  #levels: number;
  readonly #places: Place[] | undefined;

  constructor(lexer: Lexer, levels: number, places: Place[] | undefined) {
    this.lexer = lexer;
    this.#levels = levels;
    this.#places = places;
    this.scope = new FunctionScope(undefined, lexer, 0);
  }

  /** Reads the whole source. */
  main(): FunctionBody {
    const { body } = this.scope;
    body.isVararg = true;
    body.block.push(...this.#block());
    if (this.lexer.kind !== "end of file") throw this.#expected("<eof>");
    return body;
  }

  /** One level deeper. */
  enter(): void {
    if (++this.#levels > LEVELS_MAX) throw this.lexer.failure("chunk has too many syntax levels");
  }

  /** One link more in an expression that goes on and on. */
  checkLinks(links: number): void {
    if (links > LINKS_MAX) throw this.lexer.failure("chunk has too many syntax levels");
  }

  /** Back again. */
  leave(): void {
    this.#levels--;
  }

  /** Reads this sign or keyword. */
  expect(word: string): void {
    if (!this.lexer.skip(word)) throw this.#expected(word);
  }

  /** Reads what ends something that began on another line, which an error then mentions. */
  close(word: string, opener: string, line: number): void {
    if (this.lexer.skip(word)) return;
    if (line === this.lexer.line) throw this.#expected(word);
    throw this.lexer.unexpected(`'${word}' expected (to close '${opener}' at line ${line})`);
  }

  /** Reads a name. */
  name(): string {
    if (this.lexer.kind !== "name") throw this.#expected("<name>");
    const { text } = this.lexer;
    this.lexer.advance();
    return text;
  }

  /** Reads parameters and body of a function, after its name. */
  functionBody(isMethod: boolean, line: number): FunctionBody {
    const scope = new FunctionScope(this.scope, this.lexer, line);
    this.scope = scope;
    this.expect("(");
    if (isMethod) this.#parameter("self");
    if (!this.lexer.is(")")) this.#parameters();
    this.expect(")");
    scope.body.block.push(...this.#block());
    this.close("end", "function", line);
    this.scope = scope.parent as FunctionScope;
    return scope.body;
  }

  #parameter(name: string): Variable {
    const variable = this.scope.declare(name);
    this.scope.body.parameters.push(variable);
    this.scope.show([variable]);
    return variable;
  }

  #parameters(): void {
    const { body } = this.scope;
    const names: Variable[] = [];
    do {
      if (this.lexer.kind === "name") names.push(this.scope.declare(this.name()));
      else if (this.lexer.skip("...")) {
        body.isVararg = true;
        break;
      } else throw this.lexer.unexpected("<name> or '...' expected");
    } while (this.lexer.skip(","));
    body.parameters.push(...names);
    this.scope.show(names);
    if (!body.isVararg) return;
    body.argTable = this.scope.declare("arg");
    this.scope.show([body.argTable]);
  }

  #expected(word: string): LuaError {
    return this.lexer.unexpected(`'${word}' expected`);
  }

  #block(): Statement[] {
    const { lexer } = this;
    const statements: Statement[] = [];
    this.enter();
    const mark = this.scope.open();
    while (!this.#blockEnds()) {
      const { line } = lexer;
      const isLast = lexer.is("return") || lexer.is("break");
      this.#count(statements);
      statements.push(this.#statement(line));
      lexer.skip(";");
      if (isLast) break;
    }
    this.scope.close(mark);
    this.leave();
    return statements;
  }

  /** Where statements are counted, the one that begins here. */
  #count(statements: Statement[]): void {
    if (this.#places === undefined) return;
    const { line, column } = this.lexer;
    statements.push({ type: "count", place: this.#places.push({ line, column }) - 1, line });
  }

  #blockEnds(): boolean {
    const { lexer } = this;
    return lexer.kind === "end of file" || lexer.is("end") || lexer.is("else") || lexer.is("elseif") || lexer.is("until");
  }

  #statement(line: number): Statement {
    const { lexer } = this;
    if (lexer.kind !== "keyword") return this.#expressionStatement(line);
    if (lexer.skip("local")) return lexer.skip("function") ? this.#localFunction(line) : this.#local(line);
    if (lexer.skip("if")) return this.#if(line);
    if (lexer.skip("return")) return this.#return(line);
    if (lexer.skip("for")) return this.#for(line);
    if (lexer.skip("function")) return this.#function(line);
    if (lexer.skip("while")) return this.#while(line);
    if (lexer.skip("repeat")) return this.#repeat(line);
    if (lexer.skip("do")) {
      const block = this.#block();
      this.close("end", "do", line);
      return { type: "do", block, line };
    }
    if (lexer.skip("break")) {
      if (this.scope.loops === 0) throw lexer.unexpected("no loop to break");
      return { type: "break", line };
    }
    return this.#expressionStatement(line);
  }

  #expressionStatement(line: number): Statement {
    const first = suffixed(this);
    if (first.type === "call" || first.type === "method") return { type: "call", call: first, line };
    const targets = [this.#target(first)];
    while (this.lexer.skip(",")) {
      targets.push(this.#target(suffixed(this)));
      if (targets.length > LEVELS_MAX - this.#levels) this.#tooManyTargets(LEVELS_MAX - this.#levels);
    }
    this.expect("=");
    const values = expressionList(this);
    for (const target of targets) if (target.type === "local") target.variable.assigned = true;
    return { type: "assign", targets, values, line: this.lexer.lastLine };
  }

  #tooManyTargets(limit: number): never {
    const owner = this.scope.parent === undefined ? "main function" : `function at line ${this.scope.body.line}`;
    throw this.lexer.failure(`${owner} has more than ${limit} variables in assignment`);
  }

  #target(value: Expression): Target {
    if (value.type === "local" || value.type === "global" || value.type === "index") return value;
    throw this.lexer.unexpected("syntax error");
  }

  #local(line: number): Statement {
    const variables: Variable[] = [];
    do variables.push(this.scope.declare(this.name()));
    while (this.lexer.skip(","));
    const values = this.lexer.skip("=") ? expressionList(this) : [];
    this.scope.show(variables);
    return { type: "local", variables, values, line };
  }

  #localFunction(line: number): Statement {
    const variable = this.scope.declare(this.name(), "function");
    this.scope.show([variable]);
    return { type: "local function", variable, body: this.functionBody(false, this.lexer.line), line };
  }

  #function(line: number): Statement {
    let target = variable(this);
    let isMethod = false;
    while (this.lexer.is(".")) target = field(this, target);
    if (this.lexer.is(":")) {
      isMethod = true;
      target = field(this, target);
    }
    const body = this.functionBody(isMethod, line);
    if (target.type === "local") target.variable.assigned = true;
    return { type: "assign", targets: [this.#target(target)], values: [{ type: "function", body }], line };
  }

  #if(line: number): Statement {
    const branches: { condition: Expression; block: Statement[] }[] = [];
    let otherwise: Statement[] | undefined;
    do {
      const condition = expression(this);
      this.expect("then");
      branches.push({ condition, block: this.#block() });
      if (this.#places !== undefined && this.lexer.is("elseif")) {
        // Counted, an "elseif" is what it stands for: an "if" inside the "else".
        otherwise = [];
        this.#count(otherwise);
        this.lexer.advance();
        otherwise.push(this.#if(line));
        return { type: "if", branches, otherwise, line };
      }
    } while (this.lexer.skip("elseif"));
    if (this.lexer.skip("else")) otherwise = this.#block();
    this.close("end", "if", line);
    return { type: "if", branches, otherwise, line };
  }

  #while(line: number): Statement {
    const condition = expression(this);
    this.expect("do");
    const block = this.#loopBlock();
    this.close("end", "while", line);
    return { type: "while", condition, block, line };
  }

  #repeat(line: number): Statement {
    this.scope.loops++;
    const mark = this.scope.open();
    this.enter();
    const statements: Statement[] = [];
    while (!this.#blockEnds()) {
      const isLast = this.lexer.is("return") || this.lexer.is("break");
      this.#count(statements);
      statements.push(this.#statement(this.lexer.line));
      this.lexer.skip(";");
      if (isLast) break;
    }
    this.leave();
    this.close("until", "repeat", line);
    const condition = expression(this);
    this.scope.close(mark);
    this.scope.loops--;
    return { type: "repeat", block: statements, condition, line };
  }

  #for(line: number): Statement {
    const first = this.name();
    const mark = this.scope.open();
    let statement: Statement;
    if (this.lexer.is("=")) statement = this.#numericFor(first);
    else if (this.lexer.is(",") || this.lexer.is("in")) statement = this.#genericFor(first, line);
    else throw this.lexer.unexpected("'=' or 'in' expected");
    this.close("end", "for", line);
    this.scope.close(mark);
    return statement;
  }

  #numericFor(name: string): Statement {
    this.#hidden(3);
    const variable = this.scope.declare(name, "number");
    this.expect("=");
    const start = expression(this);
    this.expect(",");
    const limit = expression(this);
    const step = this.lexer.skip(",") ? expression(this) : undefined;
    this.expect("do");
    // Errors about the numbers stand in the line of `do`, where Lua has all three.
    const line = this.lexer.lastLine;
    this.scope.show([variable]);
    return { type: "numeric for", variable, start, limit, step, block: this.#loopBlock(), line };
  }

  #genericFor(first: string, line: number): Statement {
    this.#hidden(3);
    const variables = [this.scope.declare(first)];
    while (this.lexer.skip(",")) variables.push(this.scope.declare(this.name()));
    this.expect("in");
    const values = expressionList(this);
    this.expect("do");
    this.scope.show(variables);
    return { type: "generic for", variables, values, block: this.#loopBlock(), line };
  }

  /** A loop's own variables, which no source can name. They count towards the limit. */
  #hidden(count: number): void {
    for (let each = 0; each < count; each++) this.scope.show([this.scope.declare("(for)")]);
  }

  #loopBlock(): Statement[] {
    this.scope.loops++;
    const block = this.#block();
    this.scope.loops--;
    return block;
  }

  #return(line: number): Statement {
    const { lexer } = this;
    const values = this.#blockEnds() || lexer.is(";") ? [] : expressionList(this);
    return { type: "return", values, line };
  }
}
