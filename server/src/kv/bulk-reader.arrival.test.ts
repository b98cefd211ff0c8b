import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { cut, finish } from './arriving-text.fixture.ts';
import { ArrivingText } from './arriving-text.ts';
import { brokenBulk, goodBulk, wildBulk } from './bulk-bodies.fixture.ts';
import { NOW, outcome, read, readArriving } from './bulk-reader.fixture.ts';
import { readBulk } from './bulk-reader.ts';
import { KvError } from './errors.ts';

const RUNS = 1_000 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

const anyBulk = fc.oneof(
  goodBulk.map(text => Buffer.from(text)),
  wildBulk.map(text => Buffer.from(text)),
  brokenBulk,
);

describe('a body that arrives in pieces is read as if it came at once', () => {
  it('wherever it is cut', () => {
    const cutBulk = anyBulk.chain(body => fc.tuple(fc.constant(body), fc.array(fc.nat(body.length), { maxLength: 6 })));
    fc.assert(
      fc.property(cutBulk, fc.boolean(), ([body, cuts], isAnnounced) => {
        const announced = isAnnounced ? body.length : undefined;
        expect(outcome(() => readArriving(cut(body, cuts), announced))).toStrictEqual(outcome(() => read(body)));
      }),
      { numRuns: 3 * RUNS },
    );
  });

  it('at every place that there is', () => {
    fc.assert(
      fc.property(anyBulk, body => {
        const expected = outcome(() => read(body));
        const places = Array.from(body, (_, place) => place);
        expect(outcome(() => readArriving(cut(body, places), body.length))).toStrictEqual(expected);
        for (const place of places) {
          expect(outcome(() => readArriving(cut(body, [place]), body.length))).toStrictEqual(expected);
        }
      }),
      { numRuns: RUNS / 10 },
    );
  });
});

/** The lengths that a reader has waited for while a body came in pieces of so many bytes; only then was it called again. */
function lengthsWaitedFor(body: Uint8Array, pieceBytes: number): number[] {
  const text = new ArrivingText(body.length);
  const reaches = vi.spyOn(text, 'reaches');
  const steps = readBulk(text, () => NOW);
  const lengths: number[] = [];
  let arrived = 0;
  try {
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      const length = reaches.mock.lastCall?.[0] ?? 0;
      if (step.value === undefined) continue;
      lengths.push(length);
      while (text.length < length && !text.isWhole) {
        if (arrived < body.length) text.append(body.subarray(arrived, arrived + pieceBytes));
        else text.end();
        arrived += pieceBytes;
      }
    }
  } catch (error) {
    expect(error).toBeInstanceOf(KvError);
  }
  return lengths;
}

describe('a body that arrives in small pieces', () => {
  it('is read on when a good piece of it is new', () => {
    const items = Array.from({ length: 2_500 }, (_, index) => ({ key: `${index}`, value: 'x'.repeat(8_000) }));
    const body = Buffer.from(JSON.stringify(items));
    for (const pieceBytes of [10_000, 500_000]) {
      const lengths = lengthsWaitedFor(body, pieceBytes);
      expect(lengths.length).toBeGreaterThan(3);
      expect(lengths.length).toBeLessThan(7);
    }
  });

  it('and is one long string, is read on where the string broke off', () => {
    for (const part of ['x', '\\n', '\\u00e9']) {
      const body = Buffer.from(`[{"key":"k","value":"${part.repeat(20_000_000 / part.length)}"}]`);
      expect(lengthsWaitedFor(body, 100_000).length).toBeLessThan(7);
    }
  });

  it.each([
    ['brackets', '[{"key":"k","metadata":', '['],
    ['whitespace', '[', ' '],
    ['short strings', '[{"key":"k","value":"","metadata":[""', ',""'],
    ['members', '{"a":""', ',"a":""'],
    ['digits', '[{"key":"k","expiration":1', '0'],
  ])('and has to be walked over again, is so a few times only: %s', (_, begin, part) => {
    const body = Buffer.from(begin + part.repeat(10_000_000 / part.length));
    expect(lengthsWaitedFor(body, 10_000).length).toBeLessThan(5);
  });
});

describe('while a body arrives', () => {
  it('it is told only at the end what is wrong with it, for it may come to be refused as such', async () => {
    const text = new ArrivingText();
    const steps = readBulk(text, () => NOW);
    text.append(Buffer.from('[}'));
    const { value } = steps.next();
    text.fail(new Error('too large'));
    await expect(value).rejects.toThrow('too large');
  });

  it('time passes: expirations are judged by its beginning, and a TTL counts from its end', () => {
    let now = NOW;
    const text = new ArrivingText();
    const steps = readBulk(text, () => now);
    const items = [
      { key: 'a', value: '', expiration_ttl: 60 },
      { key: 'b', value: '', expiration: NOW + 60 },
      { key: 'c', value: '' },
      { key: 'd', value: '', expiration_ttl: 60 },
      { key: 'd', value: '', expiration: NOW + 60 },
    ];
    steps.next();
    text.append(Buffer.from(JSON.stringify(items)));
    steps.next();
    now += 30;
    const { expiresAt } = finish(steps, text);
    expect([...expiresAt]).toEqual([NOW + 90, NOW + 60, 0, NOW + 90]);
  });
});
