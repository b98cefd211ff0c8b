import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

/** The decoded bytes or the number of the illegal one: the same whatever stands around the text, which must stay. */
function decode(text: string): string | number {
  const [first, ...others] = ['==', 'AA', '\n\n'].map(around => decodeBetween(around, text));
  for (const other of others) expect(other).toBe(first);
  return first ?? '';
}

function decodeBetween(around: string, text: string): string | number {
  const bytes = new Uint8Array(Buffer.from(around + text + around));
  const start = around.length;
  const end = bytes.length - around.length;
  const decoded = decodeBase64(bytes, start, end);
  expect(Buffer.from(bytes.subarray(0, start)).toString()).toBe(around);
  expect(Buffer.from(bytes.subarray(end)).toString()).toBe(around);
  return 'end' in decoded ? Buffer.from(bytes.subarray(start, decoded.end)).toString('latin1') : decoded.illegalByte;
}

describe('decodeBase64', () => {
  it.each([
    ['', ''],
    ['QQ==', 'A'],
    ['QUI=', 'AB'],
    ['QUJD', 'ABC'],
    ['+/+/', '\u00fb\u00ff\u00bf'],
  ])('decodes %j', (text, decoded) => {
    expect(decode(text)).toBe(decoded);
  });

  it.each([
    ['\nQ\r\nU\nJD\n', 'ABC'],
    ['QQ=\n=\r\n', 'A'],
    ['QUJD\nQUJD\nQUI=', 'ABCABCAB'],
    ['\r\n', ''],
  ])('skips line breaks anywhere: %j', (text, decoded) => {
    expect(decode(text)).toBe(decoded);
  });

  it('does not look at surplus bits before the padding', () => {
    expect(decode('QR==')).toBe('A');
    expect(decode('QUJ=')).toBe('AB');
  });

  // What Go 1.26's base64.StdEncoding answers.
  it.each([
    ['A', 0],
    ['AA', 0],
    ['AAA', 0],
    ['QUJDA', 4],
    ['QUJDAA', 4],
    ['QUJDAAA', 4],
    ['AA\n', 1],
    ['A\nA\n', 2],
    ['=', 0],
    ['A=', 1],
    ['A===', 1],
    ['AA=', 3],
    ['AA=\n', 4],
    ['AA=A', 2],
    ['AA=\nA', 3],
    ['AA==A', 4],
    ['AA==\nA', 5],
    ['AA===', 4],
    ['AAA=A', 4],
    ['AAA==', 4],
    ['AA==AAAA', 4],
    ['AAAA=', 4],
    ['AAAA====', 4],
    ['QUJD QUJD', 4],
    ['QU-_', 2],
    ['Q*JD', 1],
    ['QUJé', 3],
    ['QUJDQUJDQUJDQUJ$', 15],
  ])('names the byte that Go names: %j', (text, illegalByte) => {
    expect(decode(text)).toBe(illegalByte);
  });

  it('decodes whatever was encoded, however it is broken into lines', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 80 }), (bytes, width) => {
        const lines = Buffer.from(bytes)
          .toString('base64')
          .replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
        expect(decode(lines)).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });

  it('does the same with long texts, whatever stands in them and where', () => {
    const long = fc.uint8Array({ minLength: 300, maxLength: 40_000 });
    const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(long, fraction, fc.constantFrom('*', '-', '_', ' ', '\0', '\u00e9', '\n'), (bytes, where, odd) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(decode(text)).toBe(Buffer.from(bytes).toString('latin1'));
        // Before the last group, where Go would say more of padding.
        const at = Math.floor(where * (text.length - 4));
        const broken = text.slice(0, at) + odd + text.slice(odd === '\n' ? at : at + 1);
        expect(decode(broken)).toBe(odd === '\n' ? Buffer.from(bytes).toString('latin1') : at);
      }),
    );
  });

  it('does not look at surplus bits at the end of a long text', () => {
    expect(decode(`${'QUJD'.repeat(10_000)}QR==`)).toBe(`${'ABC'.repeat(10_000)}A`);
  });

  it('takes and refuses what plain validation does', () => {
    const unit = fc.constantFrom('A', 'Q', '/', '+', '=', '=', '\n', '\r', '-');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), text => {
        const joined = text.replace(/[\r\n]/g, '');
        const valid = /^(?:[A-Z/+]{4})*(?:[A-Z/+]{2}==|[A-Z/+]{3}=)?$/.test(joined);
        expect(decode(text)).toEqual(valid ? Buffer.from(joined, 'base64').toString('latin1') : expect.any(Number));
      }),
      { numRuns: 2_000 },
    );
  });
});
