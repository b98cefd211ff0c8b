/** The slow and obvious way to read a bulk, to which the bulk reader is held: JSON.parse of it all, then validation. */
import { isDeepStrictEqual } from 'node:util';
import { NOW, type PlainPair, utf8 } from './bulk-reader.fixture.ts';
import type { ExpiryPolicy } from './expiration.ts';
import { keyFault } from './keys.ts';
import { LIMITS } from './limits.ts';

/** The pairs and how many have expired, or the name of each fault behind the index of its item. */
export type Verdict =
  | { readonly pairs: readonly PlainPair[]; readonly expired: number }
  | { readonly faults: readonly string[] };

export function oracle(body: Uint8Array, policy: ExpiryPolicy): Verdict {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return { faults: [' pairsMalformed'] };
  }
  if (!Array.isArray(items)) return { faults: [' pairsMalformed'] };
  if (items.length > LIMITS.bulkPutPairs) return { faults: [' tooManyPairs'] };
  return verdictOn(items, metadataTexts(text), policy);
}

function verdictOn(items: readonly unknown[], metadata: readonly string[], policy: ExpiryPolicy): Verdict {
  const pairs = new Map<string, PlainPair>();
  let expired = 0;
  const faults: string[] = [];
  for (const [index, item] of items.entries()) {
    const pair = pairOf(item, metadata[index] ?? '', policy);
    if (pair === undefined) {
      expired++;
    } else if (typeof pair === 'string') {
      faults.push(`${index} ${pair}`);
    } else if (!isDeepStrictEqual(pairs.get(pair.key) ?? pair, pair)) {
      faults.push(`${index} duplicateKey`);
    } else {
      pairs.set(pair.key, pair);
    }
  }
  return faults.length > 0 ? { faults } : { pairs: [...pairs.values()], expired };
}

/** The pair, unless it has expired, or the name of the first fault. */
function pairOf(item: unknown, metadata: string, policy: ExpiryPolicy): PlainPair | string | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return 'memberInvalid';
  const { key, value, base64, expiration, expiration_ttl } = item as Record<string, unknown>;
  if (typeof key !== 'string') return 'memberInvalid';
  const wrongKey = keyFault(key.toWellFormed());
  if (wrongKey !== undefined) return wrongKey.name;
  if (typeof value !== 'string' || typeof (base64 ?? false) !== 'boolean') return 'memberInvalid';
  const expiry = policy(expiration, expiration_ttl, NOW);
  if ('fault' in expiry) return expiry.fault.name;
  if (Buffer.byteLength(metadata) > LIMITS.metadataBytes) return 'metadataTooLarge';
  const stored = base64 === true ? decoded(value) : utf8(value);
  if (stored === undefined) return 'base64Invalid';
  return 'expiresAt' in expiry ? { key: utf8(key), value: stored, metadata, expiresAt: expiry.expiresAt } : undefined;
}

function decoded(base64: string): string | undefined {
  const text = base64.replace(/[\r\n]/g, '');
  const isValid = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(text) && !text.includes('_');
  return isValid ? Buffer.from(text, 'base64').toString('latin1') : undefined;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** For each item of the array that the text is, the text of its last member `metadata`; empty if that is null. */
function metadataTexts(text: string): string[] {
  const texts: string[] = [];
  const tokens = [...text.matchAll(TOKEN)];
  let depth = 0;
  let item = 0;
  for (const [number, { 0: token }] of tokens.entries()) {
    if (token === ',' && depth === 1) item++;
    if (depth === 2 && tokens[number + 1]?.[0] === ':' && JSON.parse(token) === 'metadata') {
      const value = valueText(text, tokens.slice(number + 2));
      texts[item] = value === 'null' ? '' : value;
    }
    depth += depthChange(token);
  }
  return texts;
}

/** The text of the value that the tokens begin with. */
function valueText(text: string, tokens: readonly RegExpExecArray[]): string {
  let depth = 0;
  for (const { 0: token, index } of tokens) {
    depth += depthChange(token);
    if (depth === 0) return text.slice(tokens[0]?.index, index + token.length);
  }
  throw new Error('the text is no JSON');
}

function depthChange(token: string): number {
  if (token === '[' || token === '{') return 1;
  return token === ']' || token === '}' ? -1 : 0;
}
