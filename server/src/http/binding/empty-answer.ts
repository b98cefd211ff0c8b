/** The answer to a change through a KV binding, which reads nothing but the status. */
import type { Call } from '../call.ts';
import { TEXT_TYPE } from '../envelope.ts';
import type { Answer } from '../route.ts';

export const EMPTY_ANSWER: Answer = { contentType: 'text/plain', schema: { type: 'string', maxLength: 0 } };

export function empty(call: Call): string {
  call.contentType = TEXT_TYPE;
  return '';
}
