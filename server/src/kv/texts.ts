/**
 * The values of several keys as text, in one JSON object: an engine that can make it by itself hands it out without an
 * object a value. This is the one form, which every engine keeps to byte by byte.
 */
import type { StoredValue } from './engine.ts';

/**
 * A member a key, in the order given and without whitespace: a string of the value's bytes, or null where there is no
 * value. Where a value is not UTF-8, neither is what comes of it.
 */
export function textsJson(keys: readonly string[], values: readonly (StoredValue | undefined)[]): Buffer {
  const members = keys.map((key, index) => {
    const value = values[index];
    return `${stringJson(key)}:${value === undefined ? 'null' : stringJson(value)}`;
  });
  return Buffer.from(`{${members.join(',')}}`, 'latin1');
}

/** A character stands for a byte here, so that bytes need not be UTF-8; JSON escapes none from 0x80 on. */
function stringJson(text: StoredValue): string {
  return JSON.stringify(Buffer.from(text).toString('latin1'));
}
