/** That the bench runs; never how fast. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const execute = promisify(execFile);
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'freehold-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test('a quick run of one suite builds the server and its peer, says what it found, and leaves nothing behind', {
  timeout: 180_000,
}, async () => {
  const directory = await temporaryDirectory();
  const json = join(directory, 'results.json');
  const flags = [
    '--quick',
    '--runs=1',
    `--json=${json}`,
    `--charts=${join(directory, 'charts')}`,
    `--dir=${join(directory, 'data')}`,
  ];
  const { stdout } = await execute(process.execPath, [MAIN, 'bulk-delete', ...flags]);
  expect(stdout).toContain('better-sqlite3 alone');
  expect(JSON.parse(await readFile(json, 'utf8'))).toEqual({
    date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    machine: expect.objectContaining({ cores: expect.any(Number) }),
    versions: expect.objectContaining({ node: process.versions.node }),
    argv: ['bulk-delete', ...flags],
    measurements: ['Freehold', 'better-sqlite3 alone'].map(contender => ({
      suite: 'bulk-delete',
      work: '10,000 × 100 B',
      contender,
      unit: 'ms',
      samples: [expect.any(Number)],
      median: expect.any(Number),
      min: expect.any(Number),
      max: expect.any(Number),
    })),
    verdicts: [expect.objectContaining({ reached: expect.any(Number), met: expect.any(Boolean) })],
    notes: expect.arrayContaining([expect.stringContaining('cores')]),
    failures: [],
  });
  expect(await readdir(join(directory, 'charts'))).toEqual(['bulk-delete.svg']);
  expect(await readdir(join(directory, 'data'))).toEqual([]);
});

test('a suite that there is not is a wrong command line', async () => {
  await expect(execute(process.execPath, [MAIN, 'bulks'])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no suite bulks'),
  });
});
