/** The envelope around every JSON answer of the REST API, made as text so that stored JSON goes out as it came in. */
import { ERRORS, type Fault, type KvError } from '../kv/errors.ts';
import { faultText } from '../kv/fault-text.ts';
import type { Operation } from '../kv/operation.ts';
import { joined } from './joined.ts';

export const JSON_TYPE = 'application/json; charset=UTF-8';
export const TEXT_TYPE = 'text/plain; charset=UTF-8';

export interface Message {
  readonly code: number;
  readonly message: string;
}

/** A successful answer. `result` is JSON text; `resultInfo`, on lists, is turned into JSON here. */
export function success(result: string, resultInfo?: object, messages: readonly Message[] = []): string {
  return `${BEFORE_RESULT}${result}${afterResult(resultInfo, messages)}`;
}

/** The same where the JSON text is there in parts, as bytes among them. */
export function successOf(result: readonly (string | Buffer)[], resultInfo?: object): Buffer {
  return joined([BEFORE_RESULT, ...result, afterResult(resultInfo)]);
}

const BEFORE_RESULT = '{"result":';

function afterResult(resultInfo: object | undefined, messages: readonly Message[] = []): string {
  const info = resultInfo === undefined ? '' : `,"result_info":${JSON.stringify(resultInfo)}`;
  return `,"errors":[],"messages":${JSON.stringify(messages)},"success":true${info}}`;
}

/** An answer that names what was wrong. `operation` is what the error texts call the request. */
export function failure(error: KvError, operation: Operation | undefined): string {
  const errors = error.faults.map(fault => errorItem(fault, operation));
  return JSON.stringify({ result: null, errors, messages: countMessage(error), success: false });
}

function errorItem(fault: Fault, operation: Operation | undefined): object {
  const row = ERRORS[fault.name];
  const item = { code: row.code, message: faultText(fault, operation) };
  return 'chain' in row ? { ...item, error_chain: [row.chain] } : item;
}

/** How many items of a bulk request are at fault: only the first few are listed. */
function countMessage({ faults: [first, ...others], faultCount }: KvError): Message[] {
  if (first.item === undefined) return [];
  const listed = others.length + 1;
  const items = faultCount === 1 ? '1 item is' : `${faultCount} items are`;
  const cut = faultCount > listed ? `; the first ${listed} are listed` : '';
  return [{ code: ERRORS[first.name].code, message: `${items} at fault and nothing was changed${cut}` }];
}
