/** What is asked for when a token is made, decoded from JSON and checked member by member. */
import { kvError, shownKey } from './errors.ts';
import { LIMITS } from './limits.ts';
import { normaliseId } from './namespaces.ts';
import { parseTime } from './times.ts';
import type { TokenGrant } from './token-grant.ts';

type Body = Readonly<Record<string, unknown>>;

interface Member<Value> {
  /** Completes "must be …". */
  readonly expected: string;
  /** Undefined where the value is not `expected`. */
  decode(value: unknown): Value | undefined;
}

const positiveInteger: Member<number> = {
  expected: 'a positive integer',
  decode: value => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined),
};

const MEMBERS = {
  name: {
    expected: `a text of 1 to ${LIMITS.tokenNameCharacters} characters, none of them a control character`,
    decode: value => (typeof value === 'string' ? tokenName(value) : undefined),
  } satisfies Member<string>,
  account_id: {
    expected: '32 hexadecimal digits',
    decode: decodeId,
  } satisfies Member<string>,
  namespace_ids: {
    expected: `an array of 1 to ${LIMITS.tokenNamespaces} ids of 32 hexadecimal digits, in an account that is named`,
    decode: decodeIds,
  } satisfies Member<readonly string[]>,
  read_only: {
    expected: 'a boolean',
    decode: value => (typeof value === 'boolean' ? value : undefined),
  } satisfies Member<boolean>,
  expires_on: {
    expected: 'a time in the future such as 2030-01-31T12:00:00Z',
    decode: value => (typeof value === 'string' ? parseTime(value) : undefined),
  } satisfies Member<number>,
  requests_per_second: positiveInteger,
  bytes_per_day: positiveInteger,
};

type MemberName = keyof typeof MEMBERS;
type MemberValue<Name extends MemberName> = Exclude<ReturnType<(typeof MEMBERS)[Name]['decode']>, undefined>;

/**
 * A member that is null counts as absent. One that is not known is refused, as a limit that was misspelt would make a
 * token that may do more than was meant.
 * @throws {KvError} `tokenMemberInvalid`.
 */
export function decodeTokenGrant(body: Body, now: number): TokenGrant {
  const stranger = Object.keys(body).find(name => !Object.hasOwn(MEMBERS, name));
  if (stranger !== undefined) {
    const expected = `left out: the members of a token are ${Object.keys(MEMBERS).join(', ')}`;
    throw kvError('tokenMemberInvalid', { member: shownKey(stranger), expected });
  }
  const name = read(body, 'name');
  if (name === undefined) throw invalid('name');
  const account = read(body, 'account_id');
  const namespaces = read(body, 'namespace_ids');
  if (namespaces !== undefined && account === undefined) throw invalid('namespace_ids');
  const expiresAt = read(body, 'expires_on');
  if (expiresAt !== undefined && expiresAt <= now) throw invalid('expires_on');
  const requestsPerSecond = read(body, 'requests_per_second');
  const bytesPerDay = read(body, 'bytes_per_day');
  return {
    name,
    ...(account !== undefined && { account }),
    ...(namespaces !== undefined && { namespaces }),
    ...(read(body, 'read_only') && { readOnly: true }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(requestsPerSecond !== undefined && { requestsPerSecond }),
    ...(bytesPerDay !== undefined && { bytesPerDay }),
  };
}

/** A name that a token may have, without lone surrogates, which have no UTF-8; undefined for any other text. */
export function tokenName(text: string): string | undefined {
  const characters = [...text].length;
  const fits = characters > 0 && characters <= LIMITS.tokenNameCharacters;
  return fits && !/\p{Cc}/u.test(text) ? text.toWellFormed() : undefined;
}

function read<Name extends MemberName>(body: Body, name: Name): MemberValue<Name> | undefined {
  const given = body[name] ?? undefined;
  if (given === undefined) return undefined;
  const value = MEMBERS[name].decode(given);
  if (value === undefined) throw invalid(name);
  return value as MemberValue<Name>;
}

function invalid(member: MemberName): Error {
  return kvError('tokenMemberInvalid', { member, expected: MEMBERS[member].expected });
}

function decodeId(value: unknown): string | undefined {
  return typeof value === 'string' ? normaliseId(value) : undefined;
}

function decodeIds(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.tokenNamespaces) return undefined;
  const ids = value.map(decodeId);
  return ids.every(id => id !== undefined) ? [...new Set(ids)] : undefined;
}
