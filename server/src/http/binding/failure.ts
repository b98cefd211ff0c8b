/** Refusals as a KV binding reads them: it shows its user the reason phrase, and nothing of the body. */
import { ERRORS, type KvError, kvError } from '../../kv/errors.ts';
import { bareFaultText } from '../../kv/fault-text.ts';
import { LIMITS } from '../../kv/limits.ts';
import { asAscii } from './ascii.ts';

export interface BoundFailure {
  readonly status: number;
  readonly reason: string;
  /** The whole text, for clients that read it. */
  readonly body: string;
}

/** A status of 404 is a missing key, for which a binding answers null; nothing else may have it. */
export function boundFailure({ faults, faultCount }: KvError, namespaceId: string): BoundFailure {
  const [first] = faults;
  switch (first.name) {
    case 'namespaceNotFound':
      return boundFailure(kvError('boundNamespaceNotFound', { id: namespaceId }), namespaceId);
    case 'routeNotFound':
      return boundFailure(kvError('boundNamespaceMissing'), namespaceId);
  }
  const texts = faults.map(bareFaultText);
  const unlisted = faultCount - texts.length;
  if (unlisted > 0) texts.push(`and ${unlisted} more`);
  const body = texts.join('; ');
  return { status: ERRORS[first.name].status, reason: asReason(body), body };
}

/** A reason phrase is ASCII without line breaks; anything else would be lost or cut the answer short. */
function asReason(text: string): string {
  return asAscii(text).slice(0, LIMITS.reasonPhraseCharacters);
}
