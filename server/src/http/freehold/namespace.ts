/** Where the pairs of a namespace lie for what Cloudflare's API lacks. */
import { KvError, kvError } from '../../kv/errors.ts';
import { keyLengthFault } from '../../kv/keys.ts';
import type { Call } from '../call.ts';
import { type QueryParameter, textParameter } from '../query.ts';

export const PAIRS = '/freehold/v1/accounts/:account_id/namespaces/:namespace_id';

export const PREFIX = textParameter('Only keys that begin with it.');

/** A parameter that is a key, or a part of one. */
export function keyText(call: Call, name: string, parameter: QueryParameter<string>): string {
  const text = call.query(name, parameter).toWellFormed();
  const tooLong = keyLengthFault(text);
  if (tooLong !== undefined) throw new KvError([tooLong]);
  return text;
}

/** One of a few words; the first is the default. */
export function wordParameter<Word extends string>(
  parameter: string,
  description: string,
  words: readonly [Word, ...Word[]],
): QueryParameter<Word> {
  return {
    description,
    schema: { type: 'string', enum: words, default: words[0] },
    decode: text => {
      const word = text === null ? words[0] : words.find(known => known === text);
      if (word === undefined) throw kvError('parameterInvalid', { parameter, expected: `one of ${words.join(', ')}` });
      return word;
    },
  };
}
