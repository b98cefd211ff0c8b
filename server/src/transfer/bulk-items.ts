/** Items of a bulk write, as text. */
import type { KeyOfPage } from './listed-page.ts';
import type { PairValue } from './pair-values.ts';

/** With the value in the shorter of the two forms, so that no value outgrows a bulk. */
export function bulkItem({ name, expiration, metadata }: KeyOfPage, value: PairValue): string {
  const others = [
    expiration === undefined ? '' : `,"expiration":${expiration}`,
    metadata === undefined ? '' : `,"metadata":${metadata}`,
  ];
  return `{"key":${JSON.stringify(name)},${valueMembers(value)}${others.join('')}}`;
}

function valueMembers(value: PairValue): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : undefined;
  // A text of control characters grows sixfold.
  if (text !== undefined && text.length <= Buffer.byteLength(value) * 2 + 2) return `"value":${text}`;
  return `"value":"${Buffer.from(value).toString('base64')}","base64":true`;
}
