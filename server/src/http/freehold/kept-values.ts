/** Replacing the value of a pair, whose metadata and expiration are kept. */
import { kvError } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import { readBody } from '../body.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import type { QueryParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { BYTES, OCTET_STREAM, valueTooLarge } from '../values.ts';
import { PAIRS } from './namespace.ts';

/** Said by who asks, so that nobody takes this for a write of the whole pair. */
const KEEP: QueryParameter<void> = {
  description: 'That metadata and expiration are kept.',
  schema: { type: 'string', enum: ['true'] },
  decode: text => {
    if (text !== 'true') throw kvError('parameterInvalid', { parameter: 'keep', expected: 'true' });
  },
};

export const KEPT_VALUE_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: `${PAIRS}/values/*key_name`,
    id: 'replaceValue',
    summary: 'Replace the value of a pair alone; where there is no such pair, make it, without metadata and expiration',
    access: 'change',
    operation: 'put',
    query: { keep: KEEP },
    body: { [OCTET_STREAM]: BYTES },
    answer: {
      result: {
        type: 'object',
        required: ['existed'],
        properties: { existed: { type: 'boolean', description: 'Whether there was such a pair.' } },
      },
    },
    handle: replaceValue,
  },
];

async function replaceValue(call: Call): Promise<string> {
  const { namespace, key } = call;
  call.query('keep', KEEP);
  const value = await readBody(call, LIMITS.valueBytes, valueTooLarge);
  return success(JSON.stringify({ existed: await call.engine.replaceValue(namespace, key, value) }));
}
