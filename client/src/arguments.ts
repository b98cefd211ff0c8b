/** What callers hand over, checked and converted as workerd's binding does it, with its texts. */

/** Options as they come: their members have no known type until they are converted. */
export type Given = Readonly<Partial<Record<string, unknown>>>;

/** Throws where fewer arguments were given than there are types: undefined is an argument, too. */
export function requireArguments(method: string, given: readonly unknown[], ...types: readonly string[]): void {
  const type = types[given.length];
  if (type !== undefined) throw wrongType(method, given.length + 1, type);
}

function wrongType(method: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'KvNamespace': parameter ${position} is not of type '${type}'.`,
  );
}

/** Null and undefined are no options. Throws for anything else that has no members. */
export function toOptions(method: string, position: number, type: string, given: unknown): Given {
  if (given === undefined || given === null) return {};
  if (!hasMembers(given)) throw wrongType(method, position, type);
  return given;
}

export interface ReadChoice {
  readonly type: string | undefined;
  readonly cacheTtl: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What has no members is the type. */
export function toReadChoice(given: unknown): ReadChoice {
  const options: Given = hasMembers(given) ? given : { type: given ?? undefined };
  const { type, cacheTtl, signal } = options;
  return {
    type: type === undefined ? undefined : toText(type),
    cacheTtl: toInteger(cacheTtl),
    signal: toSignal(signal),
  };
}

export function hasMembers(value: unknown): value is Given {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Throws for a symbol. */
export function toText(value: unknown): string {
  return `${value}`;
}

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** Undefined stays undefined. */
export function toInteger(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'bigint') throw new TypeError('Cannot convert a BigInt value to a number');
  const number = Number(value);
  if (!Number.isFinite(number)) return 0;
  if (number < INT32_MIN || number > INT32_MAX) {
    throw new TypeError(`Value out of range. Must be between ${INT32_MIN} and ${INT32_MAX} (inclusive).`);
  }
  return Math.trunc(number);
}

export function toSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof AbortSignal)) throw new TypeError('"signal" must be an AbortSignal');
  return value;
}
