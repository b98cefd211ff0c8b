/** The suite that every engine passes: each promise of the seam in `kv/engine.ts`, as a test. */
import { describe } from 'vitest';
import type { EngineHarness } from './conformance/bed.ts';
import { describeClosing } from './conformance/closing.ts';
import { describeConditionalWrites } from './conformance/conditional-writes.ts';
import { describeDurability } from './conformance/durability.ts';
import { describeExpiry } from './conformance/expiry.ts';
import { describeFigures } from './conformance/figures.ts';
import { describeListing } from './conformance/listing.ts';
import { describeModel } from './conformance/model.ts';
import { describeNamespaces } from './conformance/namespaces.ts';
import { describePairs } from './conformance/pairs.ts';
import { describeScans } from './conformance/scans.ts';
import { describeTokens } from './conformance/tokens.ts';
import { describeWrites } from './conformance/writes.ts';

export function describeEngine<Storage>(name: string, harness: EngineHarness<Storage>): void {
  describe(name, () => {
    describeNamespaces(harness);
    describePairs(harness);
    describeWrites(harness);
    describeConditionalWrites(harness);
    describeListing(harness);
    describeScans(harness);
    describeExpiry(harness);
    describeTokens(harness);
    describeDurability(harness);
    describeFigures(harness);
    describeClosing(harness);
    describeModel(harness);
  });
}
