/**
 * A database file that cannot be written to any more while the log still can: the log's copy fails, commits do not.
 *
 * It fails where `LogCopier` keeps to itself that it failed.
 */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { serve, serveWithFileLimit, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Namespace, type Pairs } from './namespace.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const NAMESPACE = randomBytes(16).toString('hex');
/** More than the log is long when it is copied, and less than twice that. */
const FILE_KIB_MAX = 49_152;
const VALUE_CHARACTERS = 1_000_000;
/** Far more than can be copied. */
const PUTS_MAX = 200;

test('the server ends, and nothing that was acknowledged is lost', { timeout: 60_000 }, async () => {
  const data = await temporaryDirectory();
  const server = await serveWithFileLimit(FILE_KIB_MAX, ['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const first = new Namespace({ url: server.url, token: TOKEN }, NAMESPACE);
  await first.create('title');
  const acknowledged = await putUntilRefused(first);
  expect(acknowledged.size).toBeGreaterThan(FILE_KIB_MAX / 1_024);
  expect(acknowledged.size).toBeLessThan(PUTS_MAX);
  const { code, stdout } = await server.end();
  expect(code).toBe(1);
  expect(stdout).toContain('SQLITE_IOERR_WRITE');

  const next = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const namespace = new Namespace({ url: next.url, token: TOKEN }, NAMESPACE);
  for (const [key, pair] of acknowledged) {
    const found = await namespace.read([key]);
    expect(found.get(key)?.value === pair.value, key).toBe(true);
  }
});

/** One after the other, so that the log never grows much past where it is copied. Answers what had a 200. */
async function putUntilRefused(namespace: Namespace): Promise<Pairs> {
  const acknowledged: Pairs = new Map();
  for (let number = 0; number < PUTS_MAX; number++) {
    const pair = { value: String(number).padEnd(VALUE_CHARACTERS, '.'), metadata: number };
    try {
      await namespace.put(`key-${number}`, pair);
    } catch {
      return acknowledged;
    }
    acknowledged.set(`key-${number}`, pair);
  }
  return acknowledged;
}
