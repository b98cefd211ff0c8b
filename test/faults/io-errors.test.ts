/**
 * System calls on the database's files that fail while the server runs.
 *
 * It fails where `isFatal` in `failure.ts` answers false, where `endAfterFailure` in `cli/serve.ts` does not end the
 * process, and where `stop` there takes no notice of a failure that comes while it stops.
 */
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type ServeProcess, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { SQLITE } from '../../server/src/engine/sqlite/constants.ts';
import { Injection } from './injection.fixture.ts';
import { Namespace, outcomeOf, type Pair } from './namespace.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const FAILED = '503/10503';
const FULL = '507/10507';

interface Bed {
  readonly data: string;
  readonly database: string;
  readonly log: string;
  readonly server: ServeProcess;
  readonly namespace: Namespace;
}

/** A server that holds one pair. */
async function open(...argv: string[]): Promise<Bed> {
  const data = join(await temporaryDirectory(), 'data');
  const database = join(data, 'freehold.db');
  const bed = { data, database, log: `${database}-wal`, ...(await reopen(data, ...argv)) };
  await bed.namespace.create('title');
  await bed.namespace.put('before', pair('value'));
  return bed;
}

async function reopen(data: string, ...argv: string[]): Promise<Pick<Bed, 'server' | 'namespace'>> {
  const server = await serveInGroup(['--data', data, ...argv], { FREEHOLD_TOKEN: TOKEN });
  return { server, namespace: new Namespace({ url: server.url, token: TOKEN }, ID) };
}

function pair(value: string): Pair {
  return { value, metadata: null };
}

/** Fails without `#stall` in `engine.ts`. */
test('a disk that hangs makes the server unready for as long as it does, and nothing is lost', async () => {
  const { log, server, namespace } = await open();
  const injection = await Injection.begin(server.pid, {
    files: [log],
    calls: ['fsync', 'fdatasync'],
    effect: `delay_enter=${SQLITE.writerReadyMs * 2_000}:when=1`,
  });
  const put = outcomeOf(namespace.put('during', pair('value')));
  const reason = await reasonOf(server, 503);
  expect(reason).toMatch(/^changes have been waiting for \d+ s for the disk$/);
  expect(await namespace.get('before')).toBe('value');
  expect(await put).toBe('200');
  await injection.end();
  expect(await reasonOf(server, 200)).toBeUndefined();
  expect(await namespace.get('during')).toBe('value');
  await server.end('SIGTERM');
});

describe.each(['1', '2'])('with --threads %s', threads => {
  test.each([
    ['a sync', ['fsync', 'fdatasync']],
    ['a write', ['pwrite64']],
  ])(
    'after %s of the log that fails nothing is acknowledged, reads go on, and the process ends with 1',
    async (_, calls) => {
      const { data, log, server, namespace } = await open('--threads', threads);
      const injection = await Injection.begin(server.pid, { files: [log], calls, effect: 'error=EIO' });
      expect(await outcomeOf(namespace.put('during', pair('value')))).toBe(FAILED);
      // Calls would succeed again; what was lost meanwhile nobody knows.
      await injection.end();
      expect(await outcomeOf(namespace.put('after', pair('value')))).toBe(FAILED);
      expect(await outcomeOf(namespace.delete('before'))).toBe(FAILED);
      expect(await outcomeOf(namespace.bulkPut(new Map([['after', pair('value')]])))).toBe(FAILED);
      expect(await outcomeOf(namespace.remove())).toBe(FAILED);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
      expect(await namespace.get('before')).toBe('value');
      const { code, stdout } = await server.end();
      expect(code).toBe(1);
      expect(stdout).toMatch(/"level":60.*SQLITE_IOERR.*the storage engine has failed/);
      expect(stdout).not.toContain('"msg":"defect"');

      const again = await reopen(data);
      expect(await again.namespace.get('before')).toBe('value');
      expect(await again.namespace.get('after')).toBeUndefined();
      await again.namespace.put('after', pair('value'));
    },
  );
});

test.each([
  ['a sync', ['fsync', 'fdatasync']],
  ['a write', ['pwrite64']],
])('%s of the database that fails while the log is copied ends the process, and loses nothing', async (_, calls) => {
  const { data, database, server, namespace } = await open();
  await Injection.begin(server.pid, { files: [database], calls, effect: 'error=EIO' });
  await namespace.put('during', pair('value'));
  expect((await server.end()).code).toBe(1);
  const again = await reopen(data);
  expect(await again.namespace.get('during')).toBe('value');
});

test('a stop whose last copy of the log fails ends with 1', async () => {
  const { data, database, server, namespace } = await open();
  await namespace.put('last', pair('value'));
  await Injection.begin(server.pid, { files: [database], calls: ['fsync', 'fdatasync'], effect: 'error=EIO' });
  expect(await server.end('SIGTERM')).toMatchObject({ code: 1, stdout: expect.stringContaining('SQLITE_IOERR') });
  expect(await (await reopen(data)).namespace.get('last')).toBe('value');
});

test('a disk that takes only some writes refuses whole requests, and loses none that it took', async () => {
  const { data, database, log, server, namespace } = await open();
  const files = [database, log];
  const injection = await Injection.begin(server.pid, { files, calls: ['pwrite64'], effect: 'error=ENOSPC:when=11+7' });
  const taken = new Map<string, Pair>([['before', pair('value')]]);
  const outcomes = new Set<string>();
  for (let number = 0; number < 60; number++) {
    // Of several pages each, a part of which is written before the disk refuses.
    const changes = new Map([`${number}`, `${number % 7}/again`].map(key => [key, pair(`${number}`.repeat(20_000))]));
    const outcome = await outcomeOf(
      number % 2 === 0 ? namespace.bulkPut(changes) : namespace.put(`${number}`, pair('v')),
    );
    outcomes.add(outcome);
    if (outcome !== '200') continue;
    for (const [key, put] of number % 2 === 0 ? changes : [[`${number}`, pair('v')] as const]) taken.set(key, put);
  }
  expect([...outcomes].toSorted()).toEqual(['200', FULL]);
  await injection.end();
  await namespace.put('when there is space', pair('value'));
  taken.set('when there is space', pair('value'));
  expect(await namespace.read([...(await namespace.list()).keys()])).toEqual(taken);
  await server.end('SIGKILL');
  const again = (await reopen(data)).namespace;
  expect(await again.read([...(await again.list()).keys()])).toEqual(taken);
});

test('a read that fails is refused, and those after it are answered', async () => {
  const { data, server } = await open();
  await server.end('SIGTERM');
  const again = await reopen(data);
  const files = [join(data, 'freehold.db')];
  const injection = await Injection.begin(again.server.pid, { files, calls: ['pread64'], effect: 'error=EIO' });
  expect(await outcomeOf(again.namespace.get('before'))).toMatch(/^50[03]\//);
  await injection.end();
  expect(await again.namespace.get('before')).toBe('value');
});

/** What keeps the server from being ready, once /readyz answers with a status. */
function reasonOf({ url }: ServeProcess, status: number): Promise<string | undefined> {
  return vi.waitFor(
    async () => {
      const answer = await fetch(`${url}/readyz`);
      const { reason }: { reason?: string } = JSON.parse(await answer.text());
      expect(answer.status).toBe(status);
      return reason;
    },
    { timeout: 60_000, interval: 100 },
  );
}
