/** Scans and counts: all pairs of a range as of one instant, whatever happens meanwhile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NamespaceAddress, Scan, ScanRange } from '../../kv/engine.ts';
import { keyOf, type Puts, pairCount, partOf } from '../../kv/puts.ts';
import {
  type Bed,
  compareUtf8,
  type EngineHarness,
  expectReason,
  numberedKeys,
  randomId,
  START,
  type TestPair,
  useBed,
  useFreshBed,
} from './bed.ts';

const ALL: ScanRange = { prefix: '', after: '', values: true };

const KEY = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u0000', 'é', '\u{fffd}', '😀'), minLength: 1, maxLength: 3 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map(key => key.toWellFormed()),
);
const VALUE = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  fc.integer({ min: 4_090, max: 4_100 }).map(bytes => new Uint8Array(bytes).fill(bytes)),
);
const PAIRS = fc.uniqueArray(
  fc.record(
    {
      key: KEY,
      value: VALUE,
      metadata: fc.constantFrom('1', '{"ä":"\\u0000"}', ' [\n] '),
      expiresAt: fc.constantFrom(START - 1, START, START + 1, 2 ** 40),
    },
    { requiredKeys: ['key', 'value'] },
  ),
  { selector: ({ key }) => key, maxLength: 60 },
);

export function describeScans<Storage>(harness: EngineHarness<Storage>): void {
  describe('a scan', () => {
    const bed = useBed(harness);

    it('of no pairs has none', async () => {
      const address = await bed().namespace();
      expect(await scanned(bed(), address)).toEqual([]);
      await bed().putOne(address, { key: 'a' });
      expect(await scanned(bed(), address, { prefix: 'b' })).toEqual([]);
      expect(await scanned(bed(), address, { after: 'a' })).toEqual([]);
    });

    it('has every pair whole, in the order of the UTF-8 bytes of the keys, and a count as many', async () => {
      await fc.assert(
        fc.asyncProperty(PAIRS, KEY, KEY, fc.boolean(), async (pairs, prefix, after, values) => {
          const address = await bed().namespace();
          bed().now = START - 10;
          await bed().put(address, pairs);
          bed().now = START;
          const visible = pairs
            .filter(({ expiresAt = Infinity }) => expiresAt > START)
            .map(pair => (values ? pair : { ...pair, value: new Uint8Array(0) }))
            .toSorted((one, other) => compareUtf8(one.key, other.key));
          const some = prefix.slice(0, 1).toWellFormed();
          const inRange = visible.filter(({ key }) => key.startsWith(some) && compareUtf8(key, after) > 0);
          expect(await scanned(bed(), address, { values })).toEqual(visible.map(asScanned));
          expect(await scanned(bed(), address, { prefix: some, after, values })).toEqual(inRange.map(asScanned));
          expect(await bed().engine.count(address, '')).toBe(visible.length);
          expect(await bed().engine.count(address, some)).toBe(
            visible.filter(({ key }) => key.startsWith(some)).length,
          );
        }),
        { numRuns: 60 },
      );
    });

    it('has many small pairs and some large ones, in batches that are never empty nor much too large', async () => {
      const address = await bed().namespace();
      const pairs = numberedKeys(20_000).map((key, index) => ({
        key,
        value: index % 4_000 === 3 ? Buffer.alloc(1_500_000, index) : Buffer.from(`value of ${index}`),
      }));
      await bed().put(address, pairs);
      const batches = await batchesOf(await bed().engine.scan(address, ALL));
      for (const batch of batches) {
        expect(pairCount(batch)).toBeGreaterThan(0);
        expect(batch.arena.length).toBeLessThan(2 * 1_048_576 + 1_500_000);
        expect(batch.arena.byteOffset).toBe(0);
      }
      const found = batches.flatMap(pairsOf);
      expect(found.map(({ key }) => key)).toEqual(pairs.map(({ key }) => key));
      for (const [index, { value }] of found.entries()) expect(pairs[index]?.value.equals(value)).toBe(true);
      expect(await bed().engine.count(address, '')).toBe(pairs.length);
    });

    it('passes over any number of pairs that have expired', async () => {
      const address = await bed().namespace();
      const mortal = numberedKeys(9_000, 'a').map(key => ({ key, expiresAt: START + 60 }));
      await bed().put(address, mortal);
      await bed().put(address, [{ key: 'b' }]);
      expect(await bed().engine.count(address, '')).toBe(9_001);
      bed().now = START + 60;
      expect(await scanned(bed(), address)).toEqual([asScanned({ key: 'b' })]);
      expect(await bed().engine.count(address, '')).toBe(1);
    });

    it('shows the instant at which it was opened, whatever is written or expires meanwhile', async () => {
      const address = await bed().namespace();
      const pairs = numberedKeys(10_000).map(key => ({ key, value: 'before', expiresAt: START + 60 }));
      await bed().put(address, pairs);
      const scan = await bed().engine.scan(address, ALL);
      const found: ScannedPair[] = [];
      for (let round = 0; ; round += 1) {
        await bed().delete(address, [`key-00${9_000 + round}`]);
        await bed().put(address, [
          { key: `key-00${8_000 + round}`, value: 'after' },
          { key: `new-${round}`, value: 'after' },
        ]);
        bed().now = START + 60 + round;
        const batch = await scan.next();
        if (batch === undefined) break;
        found.push(...pairsOf(batch));
      }
      expect(found).toEqual(pairs.map(asScanned));
    });

    it('goes on undisturbed when its namespace is deleted', async () => {
      const address = await bed().namespace();
      const pairs = numberedKeys(5_000).map(key => ({ key, value: 'x'.repeat(300) }));
      await bed().put(address, pairs);
      const scan = await bed().engine.scan(address, ALL);
      const first = await scan.next();
      await bed().engine.deleteNamespace(address);
      const others = await batchesOf(scan);
      expect([first ?? expect.unreachable(), ...others].flatMap(pairsOf)).toEqual(pairs.map(asScanned));
      await expectReason(bed().engine.scan(address, ALL), 'namespaceMissing');
      await expectReason(bed().engine.count(address, ''), 'namespaceMissing');
    });

    it('gives pairs that can be written as they are', async () => {
      const [from, to] = [await bed().namespace(), await bed().namespace()];
      await bed().put(
        from,
        numberedKeys(3_000).map((key, index) => ({
          key,
          value: Buffer.alloc(index % 7_000, key),
          ...(index % 2 === 0 && { metadata: `{"n":${index}}` }),
          ...(index % 3 === 0 && { expiresAt: START + index + 1 }),
        })),
      );
      for (const puts of await batchesOf(await bed().engine.scan(from, ALL))) await bed().engine.write(to, { puts });
      expect(await scanned(bed(), to)).toEqual(await scanned(bed(), from));
    });

    it('that is closed gives nothing more', async () => {
      const address = await bed().namespace();
      await bed().putOne(address, { key: 'a' });
      const scan = await bed().engine.scan(address, ALL);
      scan.close();
      scan.close();
      await expectReason(scan.next(), 'unavailable');
    });

    it('is refused where there are as many as there may be, until one is closed or at its end', async () => {
      const address = await bed().namespace();
      const [one, another] = [await bed().engine.scan(address, ALL, 2), await bed().engine.scan(address, ALL, 2)];
      await expectReason(bed().engine.scan(address, ALL, 2), 'tooManyScans');
      await expectReason(bed().engine.count(address, '', 2), 'tooManyScans');
      one.close();
      expect(await bed().engine.count(address, '', 2)).toBe(0);
      const third = await bed().engine.scan(address, ALL, 2);
      expect(await another.next()).toBeUndefined();
      (await bed().engine.scan(address, ALL, 2)).close();
      third.close();
    });

    it('that was refused takes no room', async () => {
      const missing = { account: randomId(), id: randomId() };
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await expectReason(bed().engine.scan(missing, ALL, 1), 'namespaceMissing');
        await expectReason(bed().engine.count(missing, '', 1), 'namespaceMissing');
      }
    });
  });

  describe('scans at the end of an engine', () => {
    const bed = useFreshBed(harness);

    it('do not hold it up, and give nothing more', async () => {
      const address = await bed().namespace();
      await bed().put(
        address,
        numberedKeys(10_000).map(key => ({ key })),
      );
      const scan = await bed().engine.scan(address, ALL);
      await scan.next();
      const next = expectReason(scan.next(), 'unavailable');
      const count = expectReason(bed().engine.count(address, ''), 'unavailable');
      await bed().engine.close();
      await next;
      await count;
      await expectReason(scan.next(), 'unavailable');
      await expectReason(bed().engine.scan(address, ALL), 'unavailable');
      await expectReason(bed().engine.count(address, ''), 'unavailable');
      await bed().open();
      expect(await bed().engine.count(address, '')).toBe(10_000);
    });
  });
}

interface ScannedPair {
  readonly key: string;
  readonly value: Buffer;
  readonly metadata: string;
  readonly expiresAt: number;
}

function asScanned({ key, value = '', metadata = '', expiresAt = 0 }: TestPair): ScannedPair {
  return { key, value: Buffer.from(value), metadata, expiresAt };
}

function pairsOf(puts: Puts): ScannedPair[] {
  return Array.from({ length: pairCount(puts) }, (_, pair) => ({
    key: keyOf(puts, pair),
    value: Buffer.from(partOf(puts, pair, 'value')),
    metadata: Buffer.from(partOf(puts, pair, 'metadata')).toString(),
    expiresAt: puts.expiresAt[pair] ?? 0,
  }));
}

async function batchesOf(scan: Scan): Promise<Puts[]> {
  const batches: Puts[] = [];
  for (let batch = await scan.next(); batch !== undefined; batch = await scan.next()) batches.push(batch);
  return batches;
}

async function scanned(bed: Bed, address: NamespaceAddress, range: Partial<ScanRange> = {}): Promise<ScannedPair[]> {
  return (await batchesOf(await bed.engine.scan(address, { ...ALL, ...range }))).flatMap(pairsOf);
}
