/** Listings: order, pages and completeness. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listedKeysJson } from '../../kv/listed-keys.ts';
import { compareUtf8, type EngineHarness, expectBytes, numberedKeys, START, useBed } from './bed.ts';

/** Whose order in UTF-16 is another than in UTF-8, ends of ranges, a few that make prefixes meet, and what JSON escapes. */
const CHARACTER = fc.constantFrom(
  ...['a', 'b', '/', '\u0000', '\u007f', '\u0080', 'é', '߿', '\u2028', '\u{fffd}', '\u{ffff}', '😀', '\u{10ffff}'],
  ...['"', '\\', '\b', '\n', '\u001f'],
);
const METADATA = fc.constantFrom(
  '{"a":[1.0]}',
  ' { "b" :\n\t"\\u0000" }\r',
  '"\\ud800 \u2028 😀 \u007f"',
  '1e+400',
  'true',
);
const TEXT = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: CHARACTER, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const KEY = TEXT.filter(key => key !== '');
const DETAILS = fc.oneof(
  fc.constant({}),
  fc.record(
    { metadata: METADATA, expiresAt: fc.constantFrom(START + 1, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER) },
    { requiredKeys: [] },
  ),
);

export function describeListing<Storage>(harness: EngineHarness<Storage>): void {
  describe('listings', () => {
    const bed = useBed(harness);

    it('are empty and complete where there are no keys', async () => {
      const address = await bed().namespace();
      const page = { limit: 10 };
      expect(await bed().list(address, page)).toEqual({ keys: [], complete: true });
      await bed().put(address, [{ key: 'key' }]);
      expect(await bed().list(address, { ...page, prefix: 'other' })).toEqual({ keys: [], complete: true });
      expect(await bed().list(address, { ...page, after: 'key' })).toEqual({ keys: [], complete: true });
    });

    it('name metadata and expiry, never values', async () => {
      const address = await bed().namespace();
      await bed().put(address, [
        { key: 'a', value: 'value' },
        { key: 'b', metadata: '{"n":1.0}' },
        { key: 'c', expiresAt: START + 100 },
        { key: 'd', metadata: '1', expiresAt: START + 100 },
      ]);
      expect(await bed().listAll(address)).toEqual([
        { key: 'a' },
        { key: 'b', metadata: '{"n":1.0}' },
        { key: 'c', expiresAt: START + 100 },
        { key: 'd', metadata: '1', expiresAt: START + 100 },
      ]);
    });

    it('follow the UTF-8 bytes, not the UTF-16 units', async () => {
      const address = await bed().namespace();
      const ordered = ['\u0000', '10', '9', 'A', 'a', 'a\u0000', 'aa', 'z', 'é', '\u{ffff}', '\u{10000}', '😀'];
      await bed().put(
        address,
        ordered.toReversed().map(key => ({ key })),
      );
      expect(await bed().keys(address)).toEqual(ordered);
      expect(await bed().keys(address, { limit: 1 })).toEqual(ordered);
    });

    it('are complete exactly where no key is left', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(20);
      await bed().put(
        address,
        keys.map(key => ({ key })),
      );
      for (const [limit, complete] of [
        [19, false],
        [20, true],
        [21, true],
      ] as const) {
        const page = await bed().list(address, { limit });
        expect(page).toEqual({ keys: keys.slice(0, limit).map(key => ({ key })), complete });
      }
      const lastPage = await bed().list(address, { after: 'key-000009', limit: 10 });
      expect(lastPage.complete).toBe(true);
    });

    it('ignore what lies beyond the prefix when they tell whether they are complete', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'a/1' }, { key: 'a/2' }, { key: 'b/1' }]);
      const page = await bed().list(address, { prefix: 'a/', limit: 2 });
      expect(page).toEqual({ keys: [{ key: 'a/1' }, { key: 'a/2' }], complete: true });
    });

    it('skip long runs of expired keys within a page', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(3_000);
      const isLiving = (index: number) => index % 500 === 499;
      await bed().put(
        address,
        keys.map((key, index) => ({ key, expiresAt: isLiving(index) ? undefined : START + 60 })),
      );
      bed().now += 60;
      const living = keys.filter((_, index) => isLiving(index));
      for (const limit of [1, 4, 6, 10]) expect(await bed().keys(address, { limit })).toEqual(living);
      const page = await bed().list(address, { limit: 6 });
      expect(page.complete).toBe(true);
      const tail = await bed().list(address, { prefix: 'key-000', limit: 1 });
      expect(tail).toEqual({ keys: [{ key: 'key-000499' }], complete: false });
    });

    it('name every key once that is there throughout, while others come and go', async () => {
      const address = await bed().namespace();
      const lasting = numberedKeys(300);
      const passing = lasting.map(key => `${key}-passing`);
      await bed().put(
        address,
        [...lasting, ...passing].map(key => ({ key })),
      );
      const listed: string[] = [];
      let changes: Promise<void>[] = [];
      for (let after = '', complete = false; !complete; ) {
        const page = await bed().list(address, { after, limit: 10 });
        listed.push(...page.keys.map(({ key }) => key));
        complete = page.complete;
        after = listed.at(-1) ?? '';
        await Promise.all(changes);
        const near = passing.slice(Math.floor(listed.length / 2));
        changes = [bed().delete(address, near.slice(0, 5)), bed().put(address, [{ key: `${after}-new` }])];
        changes.push(bed().put(address, [{ key: after, value: 'again' }]));
      }
      await Promise.all(changes);
      expect(listed.filter(key => /^key-\d+$/.test(key))).toEqual(lasting);
      expect(new Set(listed).size).toBe(listed.length);
    });

    it('agree with a sorted model for any keys, prefix, position and limit', async () => {
      const account = (await bed().namespace()).account;
      const property = fc.asyncProperty(
        fc.uniqueArray(fc.tuple(KEY, DETAILS), { selector: ([key]) => key, maxLength: 40 }),
        fc.array(fc.tuple(TEXT, TEXT, fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 8 }),
        async (pairs, pages) => {
          const address = await bed().namespace(account);
          const listed = pairs.map(([key, details]) => ({ key, ...details }));
          await bed().put(address, listed);
          const sorted = listed.toSorted((left, right) => compareUtf8(left.key, right.key));
          for (const [prefix, after, limit] of pages) {
            const matching = sorted.filter(({ key }) => key.startsWith(prefix) && compareUtf8(key, after) > 0);
            const shown = matching.slice(0, limit);
            for (const metadataForm of ['value', 'text'] as const) {
              const page = await bed().engine.list(address, { prefix, after, limit, metadataForm });
              expectBytes(page.json, Buffer.from(listedKeysJson(shown, metadataForm)));
              expect(page.count).toBe(shown.length);
              expect(page.lastKey).toBe(matching.length > limit ? shown.at(-1)?.key : undefined);
            }
            expect(await bed().listAll(address, { prefix, after, limit })).toEqual(matching);
          }
        },
      );
      await fc.assert(property, { numRuns: 60 });
    });
  });
}
