import type { SortedSet } from "../../store/index.ts";
import { integerArgument, type Refusal, refusals, refuse } from "../../value/index.ts";
import type { Shape } from "./area.ts";
import { lengthsArgument, placeArgument, unitArgument } from "./arguments.ts";
import { type Place, placeOf } from "./cell.ts";

const notRadius = refuse("need numeric radius");
const negativeRadius = refuse("radius cannot be negative");
const notBox = [refuse("need numeric width"), refuse("need numeric height")];
const negativeBox = refuse("height or width cannot be negative");
const noSuchMember = refuse("could not decode requested zset member");
const noCount = refuse("COUNT must be > 0");
const anyWithoutCount = refuse("the ANY argument requires COUNT argument");

/** Where a search begins: nowhere, if it goes out from a member of a key that is not there. */
const nowhere: Place = { lon: 0, lat: 0 };

/** The four ways to ask. GEORADIUS and its kin say where at once, GEOSEARCH in options. */
export type Form = "radius" | "member" | "search" | "searchstore";

/** What is asked for. */
export class GeoQuery {
  center: Place | undefined;
  kind: Shape["kind"] | undefined;
  radius = 0;
  width = 0;
  height = 0;
  /** Metres of the unit in which distances are told. */
  unit = 1;
  withDistance = false;
  withHash = false;
  withPlace = false;
  /** 1 for the nearest first, -1 for the farthest, 0 as they are found. */
  order: -1 | 0 | 1 = 0;
  /** 0 for all. */
  count = 0;
  /** Any so many will do, not the nearest. */
  any = false;
  target: string | undefined;
  /** The scores of the result are distances. */
  storesDistance = false;

  readonly #set: SortedSet | undefined;

  /** @param set that is searched; what members it lacks is told in the order in which Redis meets them */
  constructor(set: SortedSet | undefined, args: readonly string[], form: Form, mayStore: boolean) {
    this.#set = set;
    if (form === "radius") this.#readRadius(args, placeArgument(args, 2), 4, mayStore);
    else if (form === "member") this.#readMember(args, mayStore);
    else this.#readSearch(args, form);
    if (this.any && this.count === 0) throw anyWithoutCount;
    if (this.count !== 0 && this.order === 0 && !this.any) this.order = 1;
  }

  get shape(): Shape {
    return {
      center: this.center ?? nowhere,
      kind: this.kind ?? "circle",
      radius: this.radius * this.unit,
      width: this.width * this.unit,
      height: this.height * this.unit,
    };
  }

  #readRadius(args: readonly string[], center: Place, at: number, mayStore: boolean): void {
    this.center = center;
    this.#readCircle(args, at);
    this.#readTail(args, at + 2, mayStore);
  }

  #readMember(args: readonly string[], mayStore: boolean): void {
    if (this.#set === undefined) this.#readTail(args, 5, mayStore);
    else this.#readRadius(args, this.#placeOf(args[2] as string), 3, mayStore);
  }

  #readTail(args: readonly string[], from: number, mayStore: boolean): void {
    for (let at = from; at < args.length; at++) {
      const option = (args[at] as string).toLowerCase();
      const more = args.length - at - 1;
      if (mayStore && more > 0 && (option === "store" || option === "storedist")) {
        this.target = args[++at] as string;
        this.storesDistance = option === "storedist";
      } else {
        at += this.#readCommon(args, at, option, more);
      }
    }
    this.#checkTarget("STORE option in GEORADIUS");
  }

  #readSearch(args: readonly string[], form: Form): void {
    const stores = form === "searchstore";
    if (stores) this.target = args[1] as string;
    let from: "member" | "place" | undefined;
    for (let at = stores ? 3 : 2; at < args.length; at++) {
      const option = (args[at] as string).toLowerCase();
      const more = args.length - at - 1;
      if (option === "storedist" && stores) {
        this.storesDistance = true;
      } else if (option === "frommember" && more > 0 && from !== "place") {
        if (this.#set !== undefined) this.center = this.#placeOf(args[at + 1] as string);
        from = "member";
        at += 1;
      } else if (option === "fromlonlat" && more > 1 && from !== "member") {
        this.center = placeArgument(args, at + 1);
        from = "place";
        at += 2;
      } else if (option === "byradius" && more > 1 && this.kind !== "box") {
        this.#readCircle(args, at + 1);
        at += 2;
      } else if (option === "bybox" && more > 2 && this.kind !== "circle") {
        this.#readBox(args, at + 1);
        at += 3;
      } else {
        at += this.#readCommon(args, at, option, more);
      }
    }
    this.#checkTarget("GEOSEARCHSTORE");
    if (from === undefined) throw refuse(`exactly one of FROMMEMBER or FROMLONLAT can be specified for ${args[0]}`);
    if (this.kind === undefined) throw refuse(`exactly one of BYRADIUS and BYBOX can be specified for ${args[0]}`);
  }

  /** Options that all forms have. @returns how many arguments after the option it took */
  #readCommon(args: readonly string[], at: number, option: string, more: number): number {
    if (option === "withdist") this.withDistance = true;
    else if (option === "withhash") this.withHash = true;
    else if (option === "withcoord") this.withPlace = true;
    else if (option === "any") this.any = true;
    else if (option === "asc") this.order = 1;
    else if (option === "desc") this.order = -1;
    else if (option === "count" && more > 0) {
      this.count = integerArgument(args[at + 1]);
      if (this.count <= 0) throw noCount;
      return 1;
    } else throw refusals.syntax;
    return 0;
  }

  #readCircle(args: readonly string[], at: number): void {
    [this.radius] = lengthsArgument(args, at, [notRadius], negativeRadius) as [number];
    this.unit = unitArgument(args[at + 1] as string);
    this.kind = "circle";
  }

  #readBox(args: readonly string[], at: number): void {
    [this.width, this.height] = lengthsArgument(args, at, notBox, negativeBox) as [number, number];
    this.unit = unitArgument(args[at + 2] as string);
    this.kind = "box";
  }

  #placeOf(member: string): Place {
    const score = this.#set?.score(member);
    if (score === undefined) throw noSuchMember;
    return placeOf(score);
  }

  #checkTarget(who: string): void {
    if (this.target !== undefined && (this.withDistance || this.withHash || this.withPlace)) throw incompatible(who);
  }
}

function incompatible(who: string): Refusal {
  return refuse(`${who} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
}
