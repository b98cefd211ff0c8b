/** What is asked for when pairs are cleared, copied or moved, decoded from JSON and checked member by member. */
import type { NamespaceAddress } from './engine.ts';
import { KvError, kvError, shownKey } from './errors.ts';
import { keyLengthFault } from './keys.ts';
import { normaliseId } from './namespaces.ts';

/** What becomes of pairs whose keys are there already; the first is the default. */
export const ON_CONFLICT = ['overwrite', 'skip', 'fail'] as const;
export type OnConflict = (typeof ON_CONFLICT)[number];

export interface ClearRequest {
  readonly prefix: string;
  /** Whether nothing is to be changed. */
  readonly dryRun: boolean;
}

export interface CopyRequest extends ClearRequest {
  readonly to: NamespaceAddress;
  /** What keys have in place of the prefix. */
  readonly toPrefix: string;
  readonly onConflict: OnConflict;
  /** Whether pairs are removed where they were. */
  readonly move: boolean;
}

type Body = Readonly<Record<string, unknown>>;

const ID = '32 hexadecimal digits';

/**
 * A prefix has to be there, so that a body without one does not clear a whole namespace.
 * @throws {KvError} `memberInvalid`, `keyTooLong`.
 */
export function decodeClear(body: Body): ClearRequest {
  refuseOthers(body, ['prefix', 'dry_run']);
  const prefix = textMember(body, 'prefix');
  if (prefix === undefined) throw invalid('prefix', 'a string; an empty one stands for all keys');
  return { prefix, dryRun: flagMember(body, 'dry_run') };
}

/**
 * The keys keep their prefix unless another is named. A copy into its own range would meet what it has written itself.
 * @throws {KvError} `memberInvalid`, `keyTooLong`.
 */
export function decodeCopy(body: Body, from: NamespaceAddress): CopyRequest {
  refuseOthers(body, ['to', 'prefix', 'to_prefix', 'on_conflict', 'move', 'dry_run']);
  const to = decodeTarget(body['to'], from.account);
  const prefix = textMember(body, 'prefix') ?? '';
  const toPrefix = textMember(body, 'to_prefix') ?? prefix;
  const isWithin = prefix.startsWith(toPrefix) || toPrefix.startsWith(prefix);
  if (isWithin && to.account === from.account && to.id === from.id) {
    throw invalid('to_prefix', 'such that within one namespace neither it nor prefix begins with the other');
  }
  return {
    to,
    prefix,
    toPrefix,
    onConflict: conflictMember(body),
    move: flagMember(body, 'move'),
    dryRun: flagMember(body, 'dry_run'),
  };
}

function decodeTarget(given: unknown, account: string): NamespaceAddress {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalid('to', 'an object');
  const target: Body = { ...given };
  refuseOthers(target, ['account_id', 'namespace_id']);
  const id = idMember(target, 'namespace_id');
  if (id === undefined) throw invalid('namespace_id', ID);
  return { account: idMember(target, 'account_id') ?? account, id };
}

/** A member that was misspelt would have more done than was meant. */
function refuseOthers(body: Body, known: readonly string[]): void {
  const stranger = Object.keys(body).find(name => !known.includes(name));
  if (stranger !== undefined) throw invalid(shownKey(stranger), `left out: the members are ${known.join(', ')}`);
}

function idMember(body: Body, member: string): string | undefined {
  const given = body[member] ?? undefined;
  if (given === undefined) return undefined;
  const id = typeof given === 'string' ? normaliseId(given) : undefined;
  if (id === undefined) throw invalid(member, ID);
  return id;
}

function textMember(body: Body, member: string): string | undefined {
  const given = body[member] ?? undefined;
  if (given === undefined) return undefined;
  if (typeof given !== 'string') throw invalid(member, 'a string');
  const text = given.toWellFormed();
  const tooLong = keyLengthFault(text);
  if (tooLong !== undefined) throw new KvError([tooLong]);
  return text;
}

function flagMember(body: Body, member: string): boolean {
  const given = body[member] ?? false;
  if (typeof given !== 'boolean') throw invalid(member, 'a boolean');
  return given;
}

function conflictMember({ on_conflict: given }: Body): OnConflict {
  const asked = given ?? ON_CONFLICT[0];
  const known = ON_CONFLICT.find(word => word === asked);
  if (known === undefined) throw invalid('on_conflict', `one of ${ON_CONFLICT.join(', ')}`);
  return known;
}

function invalid(member: string, expected: string): KvError {
  return kvError('memberInvalid', { member, expected });
}
