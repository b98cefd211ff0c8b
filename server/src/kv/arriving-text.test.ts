import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, wholeText } from './arriving-text.fixture.ts';
import { ArrivingText } from './arriving-text.ts';

function textOf({ bytes, length }: ArrivingText): string {
  return Buffer.from(bytes.subarray(0, length)).toString();
}

function arrive(pieces: readonly Uint8Array[], announced?: number): ArrivingText {
  const text = new ArrivingText(announced);
  for (const piece of pieces) text.append(piece);
  text.end();
  return text;
}

/** What may be lost of what a promise tells: only whether it is fulfilled yet. */
async function stateOf(promise: Promise<void>): Promise<string> {
  const pending = new Promise(resolve => setImmediate(resolve, 'pending'));
  return (await Promise.race([
    promise.then(
      () => 'fulfilled',
      (error: Error) => error.message,
    ),
    pending,
  ])) as string;
}

describe('a text', () => {
  it('of an announced length has memory of just that', () => {
    const text = arrive([Buffer.from('é漢'), Buffer.from('😀')], 9);
    expect(text.bytes.buffer.byteLength).toBe(9);
    expect(textOf(text)).toBe('é漢😀');
  });

  it('of an unknown length, or a wrong one, has zeros behind it', () => {
    const bytes = Buffer.alloc(300_000, 'x');
    for (const announced of [undefined, 0, 1, 70_000]) {
      const text = arrive(cut(bytes, [1, 65_536, 200_000]), announced);
      expect(Buffer.from(text.bytes.subarray(0, text.length)).equals(bytes)).toBe(true);
      expect(text.bytes.subarray(text.length).every(byte => byte === 0)).toBe(true);
    }
  });

  it('has at every moment the characters that have arrived whole', () => {
    const text = new ArrivingText();
    const lengths = [...Buffer.from('aé漢😀b')].map(byte => {
      text.append(Uint8Array.of(byte));
      return text.length;
    });
    expect(lengths).toEqual([1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11]);
  });

  it('has words over the same memory', () => {
    const text = arrive([Buffer.from('abcdefghij')]);
    expect(text.words.buffer).toBe(text.bytes.buffer);
    expect(text.words[1]).toBe(Buffer.from('efgh').readInt32LE());
  });
});

describe('what is not UTF-8', () => {
  it.each([
    ['a byte that begins nothing', [0x61, 0xff, 0x62], 'a\ufffdb'],
    ['a character cut short', [0xf0, 0x9f, 0x98], '\ufffd'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    ['an overlong form', [0xc0, 0xaf], '\ufffd\ufffd'],
    ['a character cut short by another one', [0xf0, 0x9f, 0x98, 0xe2, 0x82], '\ufffd\ufffd'],
  ])('is replaced: %s', (_, bytes, replaced) => {
    expect(textOf(wholeText(new Uint8Array(bytes)))).toBe(replaced);
  });

  it('does not cost a byte order mark', () => {
    const { bytes } = wholeText(new Uint8Array([0xef, 0xbb, 0xbf, 0xff]));
    expect([...bytes.subarray(0, 6)]).toEqual([0xef, 0xbb, 0xbf, 0xef, 0xbf, 0xbd]);
  });

  it('becomes what TextDecoder makes of it, wherever the text is cut', () => {
    const part = fc.oneof(
      fc.constantFrom('a', 'é', '漢', '😀', '\ufeff').map(character => [...Buffer.from(character)]),
      fc.constantFrom([0xff], [0x80], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc3]),
      fc.uint8Array({ maxLength: 2 }).map(bytes => [...bytes]),
    );
    const bytes = fc.array(part, { maxLength: 12 }).map(parts => new Uint8Array(parts.flat()));
    const text = bytes.chain(all => fc.tuple(fc.constant(all), fc.array(fc.nat(all.length), { maxLength: 12 })));
    fc.assert(
      fc.property(text, fc.boolean(), ([all, cuts], isAnnounced) => {
        const arrived = arrive(cut(all, cuts), isAnnounced ? all.length : undefined);
        const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(all);
        expect(textOf(arrived)).toBe(expected);
        expect(arrived.bytes.subarray(arrived.length).every(byte => byte === 0)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('who waits for a length', () => {
  it('waits no longer when it is reached', async () => {
    const text = new ArrivingText();
    const reached = text.reaches(2);
    text.append(Buffer.from('a'));
    expect(await stateOf(reached)).toBe('pending');
    text.append(Buffer.from('b'));
    expect(await stateOf(reached)).toBe('fulfilled');
    expect(await stateOf(text.reaches(2))).toBe('fulfilled');
  });

  it('waits no longer when the text is whole', async () => {
    const text = new ArrivingText();
    const reached = text.reaches(2);
    text.end();
    expect(await stateOf(reached)).toBe('fulfilled');
    expect(await stateOf(text.reaches(3))).toBe('fulfilled');
  });

  it('is told when no more will come', async () => {
    const text = new ArrivingText();
    const reached = text.reaches(2);
    text.fail(new Error('lost'));
    expect(await stateOf(reached)).toBe('lost');
    expect(await stateOf(text.reaches(1))).toBe('lost');
  });

  it('waits for the end of a text that is not wanted any more, which takes no memory', async () => {
    const text = new ArrivingText(100);
    text.append(Buffer.from('abc'));
    text.discard();
    const whole = text.reaches(Number.POSITIVE_INFINITY);
    text.append(Buffer.from([0xff]));
    expect(text.bytes.buffer.byteLength).toBe(0);
    text.end();
    expect(await stateOf(whole)).toBe('fulfilled');
    expect(text.length).toBe(0);
  });
});
