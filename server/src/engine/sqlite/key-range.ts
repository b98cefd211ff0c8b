/** The keys of one listing page as a half-open range of bytes. */
export interface KeyRange {
  readonly from: Buffer;
  readonly before: Buffer;
}

/** No UTF-8 text begins with it or anything above. */
const AFTER_EVERY_KEY = Buffer.from([0xff]);
const ZERO = Buffer.from([0]);

/** Keys that begin with `prefix` and come after `after`; either may be empty. */
export function keyRange(prefix: string, after: string): KeyRange {
  const from = Buffer.from(prefix);
  const before = prefix === '' ? AFTER_EVERY_KEY : successor(from);
  if (after === '') return { from, before };
  const next = behind(Buffer.from(after));
  return { from: Buffer.compare(next, from) > 0 ? next : from, before };
}

/** The first key that could come after this one. */
export function behind(key: Buffer): Buffer {
  return Buffer.concat([key, ZERO]);
}

/** The least text above every text with this prefix. The last byte of UTF-8 is never 0xFF, so it can be raised. */
function successor(prefix: Buffer): Buffer {
  const raised = Buffer.from(prefix);
  const last = raised.length - 1;
  raised.writeUInt8(raised.readUInt8(last) + 1, last);
  return raised;
}
