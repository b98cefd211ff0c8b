/** What the texts of options stand for; undefined for a text that is not what the option wants. */
import { LIMITS } from './kv/limits.ts';
import { parseTime } from './kv/times.ts';

export function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text;
}

const ON = ['yes', 'true', '1'];
const OFF = ['no', 'false', '0'];

export function parseSwitch(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (ON.includes(word)) return true;
  return OFF.includes(word) ? false : undefined;
}

export function parseThreads(text: string): number | undefined {
  const threads = Number(text);
  return /^\d{1,9}$/.test(text) && threads >= 1 && threads <= LIMITS.servingThreads ? threads : undefined;
}

export function parseCount(text: string): number | undefined {
  const count = Number(text);
  return /^\d{1,9}$/.test(text) && count >= 1 ? count : undefined;
}

export function parseList(text: string): readonly string[] | undefined {
  const parts = text.split(',').map(part => part.trim());
  return parts.every(part => part !== '') ? parts : undefined;
}

/** A point in time, or one that is so many seconds after now. */
export type Expires = { readonly at: number } | { readonly after: number };

const DURATION = /^(\d{1,9})([mhdw])$/i;
const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };
/** 100 years: what is longer is a slip. */
const DURATION_SECONDS_MAX = 3_155_760_000;

export function parseExpires(text: string): Expires | undefined {
  const [, number, unit = ''] = DURATION.exec(text) ?? [];
  if (number === undefined) {
    const at = parseTime(text);
    return at === undefined ? undefined : { at };
  }
  const after = Number(number) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0);
  return after > 0 && after <= DURATION_SECONDS_MAX ? { after } : undefined;
}

export const NEVER = 'never';
const INTERVAL_SECONDS_MAX = 31_536_000;

/** In seconds. */
export function parseInterval(text: string): number | typeof NEVER | undefined {
  if (text === NEVER) return NEVER;
  const [, number, unit = ''] = DURATION.exec(text) ?? [];
  const seconds = Number(number) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0);
  return seconds > 0 && seconds <= INTERVAL_SECONDS_MAX ? seconds : undefined;
}

const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;

export function parseToken(text: string): string | undefined {
  return text.length >= LIMITS.rootTokenCharactersMin && PRINTABLE_ASCII.test(text) ? text : undefined;
}

/** One that another service has made. */
export function parseApiToken(text: string): string | undefined {
  return text !== '' && PRINTABLE_ASCII.test(text) ? text : undefined;
}

const SIZE = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(i?)b|b)?$/i;
const SIZE_PREFIXES = 'kmgt';

export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const [, number, prefix = '', binary] = match;
  const exponent = prefix === '' ? 0 : SIZE_PREFIXES.indexOf(prefix.toLowerCase()) + 1;
  const bytes = Math.round(Number(number) * (binary ? 1024 : 1000) ** exponent);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Any origin. */
const ANY = '*';

/** Origins in the form in which browsers send them, or `*` alone. */
export function parseOrigins(text: string): readonly string[] | undefined {
  if (text === ANY) return [ANY];
  const origins = text.split(',').map(part => parseOrigin(part.trim()));
  return origins.every(origin => origin !== undefined) ? origins : undefined;
}

/** A star is refused, because it would be compared as it is and match nobody. */
const ORIGIN = /^https?:\/\/[^\s/?#\\@*]+$/i;

function parseOrigin(text: string): string | undefined {
  return ORIGIN.test(text) ? URL.parse(text)?.origin : undefined;
}

const SOCKET_URL = /^unix:\/./;
const HTTP_URL = /^https?:\/\/./i;

/** An http(s) URL without a slash at its end, or `unix:` and an absolute path. */
export function parseServerUrl(text: string): string | undefined {
  if (SOCKET_URL.test(text)) return text;
  const url = HTTP_URL.test(text) ? URL.parse(text) : null;
  if (url === null) return undefined;
  const { username, password, search, hash, href } = url;
  return username + password + search + hash === '' ? href.replace(/[/?#]+$/, '') : undefined;
}

export function parseProfileName(text: string): string | undefined {
  return /^[\w.-]{1,64}$/.test(text) ? text : undefined;
}

/** A condition a line. */
export function parseConditions(text: string): readonly string[] | undefined {
  const lines = text.split('\n').filter(line => line !== '');
  return lines.length === 0 ? undefined : lines;
}

/** In seconds. */
export function parseTtl(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const expires = DURATION.test(text) ? parseExpires(text) : undefined;
  return expires && 'after' in expires ? expires.after : undefined;
}

/** In seconds since the Unix epoch. */
export function parsePointInTime(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : parseTime(text);
}

/** As it was written. */
export function parseJsonText(text: string): string | undefined {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
