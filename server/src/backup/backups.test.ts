import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openEngine, type SharedEngine } from '../data-directory.ts';
import { verifyFile } from '../database-backup.ts';
import type { EngineFigures } from '../kv/engine.ts';
import { backupName, instantOfName } from './backup-name.ts';
import { Backups } from './backups.ts';
import type { BackupSchedule } from './schedule.ts';

const START = 1_800_000_000;
const HOUR = 3_600;

let data: string;
let to: string;
let now: number;
let engine: SharedEngine;
let logged: string[];

beforeEach(async () => {
  data = temporaryDirectory();
  to = temporaryDirectory();
  now = START;
  logged = [];
  engine = await openEngine(data, { clock: () => now, onFatal: () => {}, diskFreeBytesMin: 0 });
  const opened = engine;
  onTestFinished(() => opened.close());
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'freehold-backups-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function open(): Promise<Backups> {
  const note = (_: unknown, message?: string) => void logged.push(message ?? '');
  const log = { info: note, warn: note, error: note };
  const backups = await Backups.open({ engine: engine.backups, dataDirectory: data, clock: () => now, log });
  onTestFinished(() => backups.close());
  return backups;
}

function schedule(rest: Partial<BackupSchedule> = {}): BackupSchedule {
  return { everySeconds: 6 * HOUR, keep: 2, to, ...rest };
}

async function figures(): Promise<NonNullable<EngineFigures['local']>['backups'] | undefined> {
  return (await engine.figures()).local?.backups;
}

function made(): string[] {
  return readdirSync(to).toSorted();
}

describe('names of backups', () => {
  it('say the second in UTC, and are read again', () => {
    expect(backupName(START)).toBe('freehold-20270115T080000Z.db');
    expect(instantOfName('freehold-20270115T080000Z.db')).toBe(START);
  });

  it.each([
    'freehold-20270115T080000Z.db.partial',
    'freehold-20271315T080000Z.db',
    'freehold-20270230T080000Z.db',
    'freehold.db',
    'my-freehold-20270115T080000Z.db',
    'freehold-20270115T080000Z.db-wal',
  ])('are not %s', name => {
    expect(instantOfName(name)).toBeUndefined();
  });
});

describe('a schedule', () => {
  it('has a backup made at once, then after each interval, and removes the oldest beyond those to keep', async () => {
    const backups = await open();
    const own = ['notes.txt', 'freehold.db', 'freehold-20200101T000000Z.db.old'];
    for (const name of own) writeFileSync(join(to, name), 'mine');
    await backups.tick();
    expect(made()).toHaveLength(own.length);
    await backups.setSchedule(schedule());
    for (let hour = 0; hour < 19; hour++) {
      await backups.tick();
      now += HOUR;
    }
    const names = [START + 12 * HOUR, START + 18 * HOUR].map(backupName);
    expect(made()).toEqual([...names, ...own].toSorted());
    for (const name of names) expect((await verifyFile(join(to, name), () => {})).faults).toEqual([]);
    expect(logged).toEqual([
      'backup made',
      'backup made',
      'backup made',
      'old backups removed',
      'backup made',
      'old backups removed',
    ]);
    expect(await figures()).toMatchObject({ lastAt: START + 18 * HOUR, failures: 0, intervalSeconds: 6 * HOUR });
    const { lastSeconds = 0, lastBytes = 0 } = (await figures()) ?? {};
    expect([lastSeconds > 0, lastBytes > 0]).toEqual([true, true]);
    expect(backups.status).toEqual({
      schedule: { ...schedule(), lastAt: START + 18 * HOUR, nextAt: START + 24 * HOUR },
    });
  });

  it('is kept for the next start in a file for the owner only, until there is none any more', async () => {
    const first = await open();
    await first.setSchedule(schedule());
    await first.tick();
    await first.close();
    const file = join(data, 'backup-schedule.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);

    const second = await open();
    expect(await figures()).toMatchObject({ lastAt: START, lastSeconds: 0, intervalSeconds: 6 * HOUR });
    now += 6 * HOUR - 1;
    await second.tick();
    expect(made()).toHaveLength(1);
    await second.setSchedule(undefined);
    expect(existsSync(file)).toBe(false);
    expect((await open()).status).toEqual({});
  });

  it('makes what was missed while the server was down at the next start, once', async () => {
    const first = await open();
    await first.setSchedule(schedule());
    await first.tick();
    await first.close();
    now += 20 * HOUR;
    const second = await open();
    await second.tick();
    await second.tick();
    expect(made()).toEqual([START, now].map(backupName));
  });

  it('does not wait for the clock to reach a backup from the future', async () => {
    writeFileSync(join(to, backupName(START + 1_000 * HOUR)), '');
    const backups = await open();
    await backups.setSchedule(schedule());
    now += 6 * HOUR;
    await backups.tick();
    expect(made()).toContain(backupName(now));
  });

  it('removes backups from the future first, not what it has just made', async () => {
    const future = [1_000, 2_000].map(hours => backupName(START + hours * HOUR));
    for (const name of future) writeFileSync(join(to, name), '');
    const backups = await open();
    await backups.setSchedule(schedule());
    now += 6 * HOUR;
    await backups.tick();
    expect(made()).toEqual([backupName(now), future[1]]);
    now += 6 * HOUR;
    await backups.tick();
    expect(made()).toEqual([now - 6 * HOUR, now].map(backupName));
  });

  it('removes what a backup that ended with the machine has left, also where the new one fails', async () => {
    const left = ['', '-journal'].map(suffix => `${backupName(START - 6 * HOUR)}.partial${suffix}`);
    const own = ['notes.txt.partial', 'freehold.db.partial'];
    for (const name of [...left, ...own]) writeFileSync(join(to, name), '');
    const backups = await open();
    await backups.make(join(to, 'file'));
    expect(made()).toEqual(expect.arrayContaining(left));
    await backups.setSchedule(schedule());
    mkdirSync(join(to, backupName(now)));
    await backups.tick();
    expect(backups.status.failure).toBeDefined();
    expect(made()).toEqual([backupName(now), 'file', ...own].toSorted());
  });

  it('that is changed while a backup is made holds for what is removed after it', async () => {
    const backups = await open();
    await backups.setSchedule(schedule());
    for (let count = 0; count < 2; count++) {
      await backups.tick();
      now += 6 * HOUR;
    }
    const making = backups.tick();
    await backups.setSchedule(schedule({ keep: 3 }));
    await making;
    expect(made()).toEqual([START, START + 6 * HOUR, now].map(backupName));
    expect(backups.status.schedule).toMatchObject({ keep: 3, lastAt: now });
  });

  it('that is ended while a backup is made has none removed after it', async () => {
    const backups = await open();
    await backups.setSchedule(schedule({ keep: 1 }));
    await backups.tick();
    now += 6 * HOUR;
    const making = backups.tick();
    await backups.setSchedule(undefined);
    await making;
    expect(made()).toEqual([START, now].map(backupName));
  });

  it('removes nothing where the new one failed, tells of it, and tries again soon', async () => {
    const backups = await open();
    await backups.setSchedule(schedule({ keep: 1 }));
    await backups.tick();
    now += 6 * HOUR;
    mkdirSync(join(to, backupName(now)));
    await backups.tick();
    expect(backups.status.failure).toEqual({ at: now, message: expect.stringMatching(/is there already$/) });
    expect(made()).toEqual([START, now].map(backupName));
    expect(await figures()).toMatchObject({ lastAt: START, failures: 1 });
    expect(logged.at(-1)).toBe('backup failed');
    rmSync(join(to, backupName(now)), { recursive: true });
    now += 299;
    await backups.tick();
    expect(made()).toEqual([backupName(START)]);
    now += 1;
    await backups.tick();
    expect(made()).toEqual([backupName(now)]);
    expect(backups.status.failure).toBeUndefined();
  });

  it('is refused with a directory that is none', async () => {
    const backups = await open();
    const file = join(to, 'file');
    writeFileSync(file, '');
    await expect(backups.setSchedule(schedule({ to: join(to, 'none') }))).rejects.toThrow('cannot keep backups in');
    await expect(backups.setSchedule(schedule({ to: file }))).rejects.toThrow('it is no directory');
    expect(backups.status).toEqual({});
  });

  it('that cannot be read keeps no server from starting, and is told', async () => {
    writeFileSync(join(data, 'backup-schedule.json'), '{"everySeconds": 0}');
    const backups = await open();
    expect(logged).toEqual(['no backups are made by schedule']);
    expect(backups.status.failure?.message).toContain('is no schedule of backups');
    await backups.setSchedule(schedule());
    expect(readFileSync(join(data, 'backup-schedule.json'), 'utf8')).toBe(`${JSON.stringify(schedule())}\n`);
  });
});

describe('one backup at a time', () => {
  it('is made, and another is refused meanwhile', async () => {
    const backups = await open();
    const first = backups.make(join(to, 'first'));
    expect(backups.status.running).toMatchObject({ file: join(to, 'first'), phase: 'copying' });
    await expect(backups.make(join(to, 'second'))).rejects.toThrow(
      `another backup is being made: ${join(to, 'first')}`,
    );
    await backups.setSchedule(schedule());
    await backups.tick();
    await first;
    expect(made()).toEqual(['first']);
    await backups.tick();
    expect(made()).toEqual([backupName(START), 'first'].toSorted());
  });

  it('can be cancelled, which is no failure', async () => {
    const backups = await open();
    const making = backups.make(join(to, 'file'));
    const outcome = expect(making).rejects.toThrow('the backup was cancelled');
    await backups.cancel();
    await outcome;
    expect(made()).toEqual([]);
    expect(backups.status).toEqual({});
    expect(await figures()).toMatchObject({ failures: 0 });
    await backups.cancel();
    await backups.make(join(to, 'file'));
  });

  it('is ended by the stop of the server, after which none is made', async () => {
    const backups = await open();
    const outcome = expect(backups.make(join(to, 'file'))).rejects.toThrow('the server is stopping');
    await backups.close();
    await outcome;
    expect(made()).toEqual([]);
    await expect(backups.make(join(to, 'file'))).rejects.toThrow('the server is stopping');
  });
});
