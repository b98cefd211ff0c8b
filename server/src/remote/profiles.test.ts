import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/process.fixture.ts';
import { type Profile, readProfiles, writeProfiles } from './profiles.ts';

const ONE: Profile = { url: 'https://kv.example.com', token: 'token-of-the-first-one' };
const OTHER: Profile = { url: 'unix:/run/kv.sock', token: 'token-of-the-other-one', caFile: '/etc/ca.pem' };

async function profilesPath(): Promise<string> {
  return join(await temporaryDirectory(), 'not', 'there', 'profiles.json');
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test('there are none before any is written', async () => {
  expect(await readProfiles(await profilesPath())).toEqual(new Map());
});

test('what is written is read again, under any name', async () => {
  const path = await profilesPath();
  const profiles = new Map([
    ['default', ONE],
    ['__proto__', OTHER],
  ]);
  await writeProfiles(path, profiles);
  expect(await readProfiles(path)).toEqual(profiles);
});

test('file and directory are for their owner alone, and no draft stays behind', async () => {
  const path = await profilesPath();
  await writeProfiles(path, new Map([['default', ONE]]));
  await writeProfiles(path, new Map([['default', OTHER]]));
  expect([await modeOf(path), await modeOf(dirname(path))]).toEqual(['600', '700']);
  expect(await readdir(dirname(path))).toEqual(['profiles.json']);
});

test.each([0o640, 0o604, 0o620])('a file that others may use (%o) is refused, and stays as it is', async mode => {
  const path = await profilesPath();
  await writeProfiles(path, new Map([['default', ONE]]));
  const before = await readFile(path, 'utf8');
  await chmod(path, mode);
  await expect(readProfiles(path)).rejects.toThrow(`chmod 600 ${path}`);
  expect(await readFile(path, 'utf8')).toBe(before);
});

test.each([
  '',
  'nonsense',
  '[]',
  '{}',
  '{"profiles":{"a":{"url":"https://kv.example.com"}}}',
  '{"profiles":{"a":{"url":"kv.example.com","token":"t"}}}',
  '{"profiles":{"a":{"url":"https://kv.example.com","token":"t","caFile":1}}}',
])('a file with %j in it is refused by its path', async text => {
  const path = await profilesPath();
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
  await expect(readProfiles(path)).rejects.toThrow(`${path} does not hold profiles`);
});
