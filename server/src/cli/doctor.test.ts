/** `freehold doctor`: each problem is a real one, except where the machine would have to be broken for it. */
import { closeSync, existsSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE } from '../certificates.fixture.ts';
import { CHECKS } from '../doctor/checks.ts';
import { version } from '../version.ts';
import { type Finished, freehold, Running, serve, temporaryDirectory } from './process.fixture.ts';

const TOKEN = 'given-by-the-operator';
const PAIRS_PATH = `/client/v4/accounts/${'a'.repeat(32)}/storage/kv/namespaces`;
const ID = 'b'.repeat(32);
/** Where memory is a file system. */
const SHARED_MEMORY = '/dev/shm';

function doctor(data: string, argv: readonly string[] = [], environment: Record<string, string> = {}) {
  return freehold(['doctor', '--data', data, ...argv], { FREEHOLD_DISK_FREE_MIN: '0', ...environment });
}

/** The line of one check, without its name. */
function finding({ stdout }: Finished, name: string): string {
  const line = stdout.split('\n').find(each => each.slice(9).startsWith(`${name}  `)) ?? '';
  return `${line.slice(0, 9).trim()}: ${line.slice(9 + name.length).trim()}`;
}

/** A directory in which a server has written two pairs. */
async function usedDirectory(end: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<string> {
  const data = join(await temporaryDirectory(), 'data');
  const server = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const body = JSON.stringify({ title: 'title', id: ID });
  await fetch(server.url + PAIRS_PATH, { method: 'POST', headers, body });
  for (const key of ['a', 'b']) {
    await fetch(`${server.url}${PAIRS_PATH}/${ID}/values/${key}`, { method: 'PUT', headers, body: 'value' });
  }
  await server.end(end);
  return data;
}

/** Changes the database behind the back of its engine. */
function spoil(data: string, change: (database: Database.Database) => void): void {
  const database = new Database(join(data, 'freehold.db'));
  try {
    change(database);
  } finally {
    database.close();
  }
}

test('after an orderly stop nothing is wrong, and all is left as it was', async () => {
  const data = await usedDirectory();
  const before = readdirSync(data);
  const report = await doctor(data);
  expect(report).toMatchObject({ code: 0, stderr: '' });
  const names = report.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => line.slice(9, 22).trim());
  expect(names).toEqual(CHECKS.map(({ name }) => name));
  expect(finding(report, 'directory')).toBe(`ok: ${data}`);
  expect(finding(report, 'modes')).toBe('ok: for the owner only');
  expect(finding(report, 'versions')).toMatch(/^ok: Freehold \S+ on Node \S+ and SQLite 3\./);
  expect(finding(report, 'server')).toBe('ok: none runs on the directory');
  expect(finding(report, 'integrity')).toBe('ok: 2 pairs, and their index agrees');
  expect(readdirSync(data)).toEqual(before);
});

test('after kill -9 what lies in the log is looked into, and stays there', async () => {
  const data = await usedDirectory('SIGKILL');
  const log = () => statSync(join(data, 'freehold.db-wal')).size;
  const before = log();
  const report = await doctor(data);
  expect(finding(report, 'integrity')).toBe('ok: 2 pairs, and their index agrees');
  expect([log(), before > 0]).toEqual([before, true]);
});

describe('a directory', () => {
  test('that is not there, or is none, ends the examination', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'file'), '');
    for (const name of ['missing', 'file']) {
      const { code, stdout } = await doctor(join(directory, name));
      expect(code).toBe(1);
      expect(stdout).toMatch(/^problem {2}directory .*: name the data directory .* with --data\n$/);
    }
    expect(existsSync(join(directory, 'missing'))).toBe(false);
  });

  test('without a database is ready for a first start', async () => {
    const report = await doctor(await temporaryDirectory());
    expect(report.code).toBe(0);
    expect(finding(report, 'layout')).toBe('ok: there is no database yet, and the first start makes one');
  });

  test('that others may look into', async () => {
    const data = await temporaryDirectory();
    await chmod(data, 0o755);
    const report = await doctor(data);
    expect(report.code).toBe(0);
    expect(finding(report, 'modes')).toBe(
      `warning: the directory has mode 755, so that others see into it: run chmod 700 ${data}`,
    );
  });

  test('with files that others may read, of which a token is a problem', async () => {
    const data = await temporaryDirectory();
    await writeFile(join(data, 'freehold.db-copy'), '', { mode: 0o644 });
    expect(finding(await doctor(data), 'modes')).toMatch(
      /^warning: others .* may use freehold\.db-copy: run chmod 600/,
    );
    await writeFile(join(data, 'root-token'), TOKEN, { mode: 0o640 });
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'modes')).toMatch(/^problem: .*: run chmod 600 .*root-token$/);
    expect(report.stdout).not.toContain(TOKEN);
  });

  test.runIf(process.getuid?.() === 0)('of another user, and with a file of a third', async () => {
    const data = await temporaryDirectory();
    await chown(data, 12_345, 12_345);
    expect(finding(await doctor(data), 'owner')).toBe('ok: user 12345');
    await writeFile(join(data, 'lock.db'), '', { mode: 0o600 });
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'owner')).toMatch(/^problem: .* user 12345, but not lock\.db: run chown -R 12345 /);
  });

  test.runIf(existsSync(SHARED_MEMORY))('in memory', async () => {
    const data = await mkdtemp(join(SHARED_MEMORY, 'freehold-'));
    onTestFinished(() => rm(data, { recursive: true }));
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'file system')).toMatch(/^problem: tmpfs: .* move the directory to a disk$/);
  });
});

describe('the machine', () => {
  test('has too little space', async () => {
    const report = await doctor(await temporaryDirectory(), ['--disk-free-min', '1000TB']);
    expect(report.code).toBe(1);
    expect(finding(report, 'disk space')).toMatch(/^problem: .* MB free, writes are refused under .* MB: free some/);
  });

  test('gives too few file descriptors', async () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const command = (files: number, data: string) =>
      `ulimit -n ${files} && exec ${process.execPath} ${main} doctor --data ${data}`;
    const data = await temporaryDirectory();
    const few = await new Running('sh', ['-c', command(128, data)], { FREEHOLD_DISK_FREE_MIN: '0' }).finished;
    expect(few.code).toBe(1);
    expect(finding(few, 'file limit')).toMatch(/^problem: this shell may open 128 files, .*LimitNOFILE=/);
    const usual = await new Running('sh', ['-c', command(1_024, data)], { FREEHOLD_DISK_FREE_MIN: '0' }).finished;
    expect(usual.code).toBe(0);
    expect(finding(usual, 'file limit')).toMatch(/^warning: this shell may open 1024 files/);
  });

  test('has had its clock set back', async () => {
    const data = await temporaryDirectory();
    const file = join(data, 'freehold.db-copy');
    await writeFile(file, '', { mode: 0o600 });
    await utimes(file, new Date('2090-01-01'), new Date('2090-01-01'));
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'clock')).toMatch(
      /^problem: a file was written on 2090-01-01T00:00:00Z, .* set back: set the/,
    );
  });

  test.each([
    ['yes', /^ok: .*, synchronised$/],
    ['no', /^warning: .*, but not synchronised: set the clock/],
    ['', /^ok: .*; whether it is synchronised is not known here$/],
  ])('says of its clock: %s', async (told, expected) => {
    const programs = await temporaryDirectory();
    await mkdir(join(programs, 'data'));
    await writeFile(join(programs, 'timedatectl'), `#!/bin/sh\necho '${told}'\n`, { mode: 0o755 });
    const PATH = `${programs}:${process.env['PATH']}`;
    expect(finding(await doctor(join(programs, 'data'), [], { PATH }), 'clock')).toMatch(expected);
  });
});

describe('a server that runs', () => {
  test('is asked, and its database left alone', async () => {
    const data = await temporaryDirectory();
    const server = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
    const report = await doctor(data);
    expect(report).toMatchObject({ code: 0, stderr: '' });
    expect(finding(report, 'server')).toMatch(new RegExp(`^ok: process \\d+ listens on ${server.url}$`));
    expect(finding(report, 'readiness')).toBe('ok: /readyz answers 200');
    expect(finding(report, 'file limit')).toContain('the server may open');
    expect(finding(report, 'integrity')).toMatch(/^skipped: /);
    expect(await server.statusWith(TOKEN)).toBe(200);
  });

  test('on a Unix socket is asked there', async () => {
    const data = await temporaryDirectory();
    await serve(['--data', data, '--listen', `unix:${join(data, 'kv.sock')}`], { FREEHOLD_TOKEN: TOKEN });
    expect(finding(await doctor(data), 'readiness')).toBe('ok: /readyz answers 200');
  });

  test('and is not ready says why', async () => {
    const data = await temporaryDirectory();
    const environment = { FREEHOLD_TOKEN: TOKEN };
    await serve(['--data', data], environment).then(server => server.end('SIGTERM'));
    await serve(['--data', data, '--disk-free-min', '1000TB'], environment);
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'readiness')).toMatch(/^problem: free disk space is \d+ bytes, under the floor of \d+: put/);
  });

  test('and does not answer is told by the lock that it holds', async () => {
    const data = await temporaryDirectory();
    await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
    await rm(join(data, 'admin.sock'));
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'server')).toMatch(/^problem: one holds the directory, and does not answer/);
    expect(finding(report, 'layout')).toMatch(/^skipped: /);
  });
});

describe('a database', () => {
  test('of another release', async () => {
    const data = await usedDirectory();
    spoil(data, database => database.pragma('user_version = 1'));
    expect(finding(await doctor(data), 'layout')).toMatch(/^warning: layout 1, where this release has \d+: the next/);
    spoil(data, database => database.pragma('user_version = 99'));
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'layout')).toMatch(/^problem: .* was written by a newer Freehold/);
    expect(finding(report, 'integrity')).toMatch(/^skipped: /);
  });

  test('that is none', async () => {
    const data = await temporaryDirectory();
    await writeFile(join(data, 'freehold.db'), 'no database at all'.repeat(100), { mode: 0o600 });
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'layout')).toMatch(/^problem: .* is not a whole Freehold database/);
  });

  test('that is lost, or empty beside its log', async () => {
    const data = await usedDirectory();
    const file = join(data, 'freehold.db');
    await writeFile(file, '');
    await writeFile(`${file}-wal`, 'what was not copied yet');
    expect(finding(await doctor(data), 'layout')).toMatch(/^problem: .* it is empty/);
    expect(existsSync(`${file}-wal`)).toBe(true);
    await rm(file);
    await rm(`${file}-wal`);
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'layout')).toMatch(/^problem: .* is missing, though this directory had a database/);
  });

  test.each<[string, (database: Database.Database) => void, RegExp]>([
    ['whose index lacks a pair', insertPastIndex, /^problem: .*missing from index pairs_by_key/],
    [
      'that has a key twice',
      database => database.exec('INSERT INTO pairs (namespace, key, value) SELECT namespace, key, value FROM pairs'),
      /^problem: keys that are there more than once in their namespace: 2/,
    ],
    [
      'with pairs of no namespace',
      database => database.exec(`INSERT INTO pairs (namespace, key, value) VALUES (99, x'00', x'00')`),
      /^problem: namespaces that are gone and whose pairs are not: 1/,
    ],
  ])('%s', async (_, change, expected) => {
    const data = await usedDirectory();
    spoil(data, change);
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'integrity')).toMatch(expected);
  });

  test('with a page that was overwritten', async () => {
    const data = await usedDirectory();
    const sql = `SELECT rootpage FROM sqlite_schema WHERE name = 'pairs'`;
    spoil(data, database => {
      const page = database.prepare<[], number>(sql).pluck().get() ?? 0;
      const bytes = Number(database.pragma('page_size', { simple: true }));
      const descriptor = openSync(database.name, 'r+');
      writeSync(descriptor, Buffer.alloc(bytes, 0xaa), 0, bytes, (page - 1) * bytes);
      closeSync(descriptor);
    });
    const report = await doctor(data);
    expect(report.code).toBe(1);
    expect(finding(report, 'integrity')).toMatch(/^problem: /);
  });
});

/** A pair that only the table has: the index was not known while it was written. */
function insertPastIndex(database: Database.Database): void {
  const { name: file } = database;
  database.unsafeMode();
  database.pragma('writable_schema = ON');
  const index = database.prepare<[], object>(`SELECT * FROM sqlite_schema WHERE name = 'pairs_by_key'`).get();
  database.exec(`DELETE FROM sqlite_schema WHERE name = 'pairs_by_key'`);
  const without = new Database(file);
  without.exec(`INSERT INTO pairs (namespace, key, value) SELECT namespace, x'00', value FROM pairs LIMIT 1`);
  without.close();
  const columns = ':type, :name, :tbl_name, :rootpage, :sql';
  database.prepare(`INSERT INTO sqlite_schema VALUES (${columns})`).run(index);
}

test('the release of this test is the one that is told', async () => {
  expect(finding(await doctor(await temporaryDirectory()), 'versions')).toContain(`Freehold ${version} `);
});

test('a server that speaks TLS is asked by TLS', async () => {
  const data = await temporaryDirectory();
  const [cert, key] = [join(data, 'cert.pem'), join(data, 'key.pem')];
  await Promise.all([
    writeFile(cert, CERTIFICATE.cert, { mode: 0o600 }),
    writeFile(key, CERTIFICATE.key, { mode: 0o600 }),
  ]);
  await serve(['--data', join(data, 'data'), '--tls-cert', cert, '--tls-key', key], { FREEHOLD_DISK_FREE_MIN: '0' });
  expect(finding(await doctor(join(data, 'data')), 'readiness')).toBe('ok: /readyz answers 200');
});
