import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { Commands, inOrder } from './commands.fixture.ts';
import { pairs } from './pairs.fixture.ts';

const freehold = useFreehold();
const commands = new Commands(freehold);
const RUNS = 4 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

test.each(['pairs.jsonl', 'pairs.json', 'pairs.jsonl.gz', 'pairs.json.zst'])(
  'what is exported to %s and imported is what there was, byte for byte',
  { timeout: 60_000 + RUNS * 10_000 },
  async name => {
    const path = join(await temporaryDirectory(), name);
    const format = name.includes('jsonl') ? 'jsonl' : 'json';
    await fc.assert(
      fc.asyncProperty(pairs, async given => {
        const [source, destination] = [await commands.namespace(given), await commands.namespace()];
        const exported = await commands.run('export', source, '--to', path, '--format', format, '--force');
        expect(exported, exported.stderr).toMatchObject({ code: 0, stdout: '' });
        const imported = await commands.run('import', destination, path);
        expect(imported, imported.stderr).toMatchObject({ code: 0, stdout: '' });
        expect(await commands.pairs(destination)).toEqual(inOrder(given));
      }),
      { numRuns: RUNS },
    );
  },
);
