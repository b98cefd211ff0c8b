/**
 * SIGKILL for the server, for all of its processes and for the command, at random moments of a backup and of a restore:
 * a file that has the name of a backup, or of a database, is whole.
 *
 * It fails where `DraftFile` in `engine/sqlite/backup-file.ts` gives the file its name at once.
 */
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  begin,
  failToServe,
  freehold,
  type ServeProcess,
  serve,
  serveInGroup,
  temporaryDirectory,
} from '../../server/src/cli/process.fixture.ts';
import { Namespace, type Pair } from './namespace.fixture.ts';
import { Random } from './random.fixture.ts';

const KILLS = ['all processes', 'the server alone', 'the command'] as const;
const ROUNDS = 2 * KILLS.length * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
const SEED = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const LARGE: Pair = { value: 'large '.repeat(2_500_000), metadata: null };
const BYTES = 60_000_000;

async function fill(data: string): Promise<void> {
  const server = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
  await namespace.create('title');
  for (let number = 0; number * LARGE.value.length < BYTES; number++) await namespace.put(`key ${number}`, LARGE);
  await server.end('SIGTERM');
}

/** Waits until a draft has so many bytes or is no more, and then a little. */
async function moment(draft: string, bytes: number, thenMs: number, ended: Promise<unknown>): Promise<void> {
  let over = false;
  const note = () => {
    over = true;
  };
  ended.then(note, note);
  while (!over && (statSync(draft, { throwIfNoEntry: false })?.size ?? -1) < bytes) await setTimeout(1);
  await setTimeout(thenMs);
}

async function killServer(server: ServeProcess, kill: (typeof KILLS)[number]): Promise<void> {
  if (kill === 'all processes') await server.end('SIGKILL');
  else process.kill(server.pid, 'SIGKILL');
}

test('a backup that is killed has its name only if it is whole', { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  const data = await temporaryDirectory();
  await fill(data);
  const file = join(await temporaryDirectory(), 'backup.db');
  const draft = `${file}.partial`;
  const random = new Random(SEED);
  const ends: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const kill = KILLS[round % KILLS.length] ?? 'the command';
    // That of the round before would pass for the one that is now waited for.
    rmSync(draft, { force: true });
    const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
    const command = begin(['backup', file, '--data', data]);
    await moment(draft, random.below(BYTES), random.below(2) * random.below(400), command.finished);
    if (kill === 'the command') command.kill('SIGKILL');
    else await killServer(server, kill);
    await command.finished;
    if (kill === 'the command') await server.end('SIGTERM');
    // A process that the server leaves behind ends by itself, and whole or not at all.
    if (kill === 'the server alone') await expect.poll(() => existsSync(draft), { timeout: 20_000 }).toBe(false);
    const left = readdirSync(dirname(file)).filter(name => !/-journal$/.test(name));
    const end = left.join() || 'nothing';
    ends[`${kill}: ${end}`] = (ends[`${kill}: ${end}`] ?? 0) + 1;
    expect(['nothing', basename(file), basename(draft)]).toContain(end);
    if (existsSync(file)) {
      expect([SEED, round, await freehold(['verify', file])]).toMatchObject([SEED, round, { code: 0 }]);
      rmSync(file);
    }
  }
  // What one that was killed has left is in nobody's way.
  writeFileSync(draft, 'the beginning of a backup');
  expect(await freehold(['backup', file, '--data', data])).toMatchObject({ code: 0 });
  expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  expect(await freehold(['verify', data])).toMatchObject({ code: 0 });
  process.stdout.write(`seed ${SEED}: ${ROUNDS} kills, ${JSON.stringify(ends)}\n`);
});

test('a restore that is killed leaves no database or a whole one, and can be done again', {
  timeout: 180_000,
}, async () => {
  const data = await temporaryDirectory();
  await fill(data);
  const file = join(await temporaryDirectory(), 'backup.db');
  expect(await freehold(['backup', file, '--data', data])).toMatchObject({ code: 0 });
  const random = new Random(SEED);
  for (let round = 0; round < 4; round++) {
    const restored = join(await temporaryDirectory(), 'data');
    const command = begin(['restore', file, '--data', restored]);
    const draft = join(restored, 'freehold.db.restoring');
    await moment(draft, random.below(BYTES), random.below(2) * random.below(100), command.finished);
    command.kill('SIGKILL');
    await command.finished;
    if (existsSync(join(restored, 'freehold.db'))) {
      expect(await freehold(['verify', restored])).toMatchObject({ code: 0 });
      continue;
    }
    if (existsSync(draft)) {
      const refused = await failToServe(['--data', restored], { FREEHOLD_TOKEN: TOKEN });
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was broken off') });
    }
    expect(await freehold(['restore', file, '--data', restored])).toMatchObject({ code: 0 });
    const server = await serveInGroup(['--data', restored]);
    const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
    expect((await namespace.get('key 1')) === LARGE.value).toBe(true);
    await server.end('SIGTERM');
  }
});
