/** The commands of docs/command-line.md, as a reader would paste them: one block after the other, in one shell. */
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN, Running } from '../server/src/cli/process.fixture.ts';
import { RemoteServer, ROOT_TOKEN } from '../server/src/cli/remote.fixture.ts';

const PAGE = readFileSync(new URL('../docs/command-line.md', import.meta.url), 'utf8');
const PHOTO = Buffer.from([0xff, 0xd8, 0x0a, 0x00]);

test('the commands of docs/command-line.md work as pasted', async () => {
  const server = await RemoteServer.start();
  await server.namespace('1'.repeat(32), 'shop');
  await server.namespace('2'.repeat(32), 'archive');
  const directory = join(server.data, '..', 'here');
  await mkdir(join(directory, 'bin'), { recursive: true });
  const program = join(directory, 'bin', 'freehold');
  await writeFile(program, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`);
  await chmod(program, 0o755);
  await writeFile(join(directory, 'token.txt'), ROOT_TOKEN);
  await writeFile(join(directory, 'photo.jpg'), PHOTO);
  const blocks = [...PAGE.matchAll(/```sh\n(.*?)```/gs)].map(([, code = '']) => code);
  const pasted = blocks.join('').replace(/https:\/\/\w+\.example\.com/g, server.url);

  const { code, stdout, stderr } = await new Running('bash', ['--norc', '-c', `set -e; cd ${directory}; ${pasted}`], {
    ...server.environment,
    PATH: [join(directory, 'bin'), process.env['PATH']].join(delimiter),
    FREEHOLD_DATA: server.data,
  }).finished;

  expect(code, stderr).toBe(0);
  const [none, kept = '', count, listed, ...items] = stdout.trimEnd().split('\n');
  expect({ none, count, listed }).toEqual({ none: '0', count: '2', listed: 'user/1' });
  expect(JSON.parse(kept)).toMatchObject({ key: 'user/1', value: 'Anna', expiration: expect.any(Number) });
  expect(kept).toContain('{"customer": 42}');
  expect(items.map(item => JSON.parse(item).name)).toEqual(['note', 'user/1', 'user/2']);
  expect(await readFile(join(directory, 'copy.jpg'))).toEqual(PHOTO);
  const deleted = await readFile(join(directory, 'deleted.ndjson'), 'utf8');
  expect(deleted).toBe(
    `{"key":"note","value":"of a pipe\\n"}\n{"key":"user/2","value":"${PHOTO.toString('base64')}","base64":true}\n`,
  );
});
