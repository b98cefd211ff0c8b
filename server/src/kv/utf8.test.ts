import { expect, it } from 'vitest';
import { wellFormedUtf8 } from './utf8.ts';

it('takes well-formed bytes that have a buffer of their own as they are', () => {
  const bytes = new TextEncoder().encode('é漢😀');
  expect(wellFormedUtf8(bytes).buffer).toBe(bytes.buffer);
});

it('gives a part of a larger buffer one of its own', () => {
  const pooled = Buffer.from('key');
  expect(pooled.length).toBeLessThan(pooled.buffer.byteLength);
  const bytes = wellFormedUtf8(pooled);
  expect(bytes.buffer.byteLength).toBe(3);
  expect(Buffer.from(bytes).toString()).toBe('key');
});

it.each([
  ['a byte that begins nothing', [0x61, 0xff, 0x62], 'a\ufffdb'],
  ['a character cut short', [0xf0, 0x9f, 0x98], '\ufffd'],
  ['a surrogate', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
  ['an overlong form', [0xc0, 0xaf], '\ufffd\ufffd'],
])('replaces %s', (_, bytes, text) => {
  const wellFormed = wellFormedUtf8(new Uint8Array(bytes));
  expect(wellFormed.length).toBe(wellFormed.buffer.byteLength);
  expect(Buffer.from(wellFormed).toString()).toBe(text);
});

it('keeps a byte order mark', () => {
  expect([...wellFormedUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0xff]))]).toEqual([0xef, 0xbb, 0xbf, 0xef, 0xbf, 0xbd]);
});

it('replaces no character for lying across two pieces of a long text', () => {
  const text = `${'é漢😀'.repeat(300_000)}\ufffd`;
  for (const shift of ['', 'a', 'aa', 'aaa', 'aaaa', 'aaaaa', 'aaaaaa', 'aaaaaaa', 'aaaaaaaa']) {
    const bytes = Buffer.from(shift + text);
    const malformed = Buffer.concat([bytes.subarray(0, -3), Buffer.from([0xe2, 0x82])]);
    expect(Buffer.from(wellFormedUtf8(malformed)).equals(bytes)).toBe(true);
  }
});
