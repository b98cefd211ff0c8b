/** The README's tour, as a reader would paste it: its blocks run one after the other, in one shell. */
import { readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { Running, serve, temporaryDirectory } from '../server/src/cli/process.fixture.ts';

const TOKEN = 'a-root-token-for-the-tour';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORKERD: string = createRequire(import.meta.url)('workerd').default;
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

interface Block {
  readonly language: string;
  readonly code: string;
}

let tour: Block[];

beforeAll(() => {
  const [, section = ''] = README.split('## A tour\n');
  const [text = ''] = section.split('\n## ');
  tour = [...text.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language = '', code = '']) => ({ language, code }));
});

test('the tour works as pasted', { timeout: 180_000 }, async () => {
  const data = join(await temporaryDirectory(), 'data');
  const server = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const directory = await temporaryDirectory();
  const [setting, ...blocks] = tour.filter(block => block.language === 'sh').map(block => block.code);
  expect(setting).toContain('http://127.0.0.1:8480');
  const given = setting?.replace(/FREEHOLD=.*/, `FREEHOLD=${server.url}`).replace(/TOKEN=.*/, `TOKEN=${TOKEN}`);
  const script = tour.find(block => block.language === 'js')?.code ?? '';
  // As in a checkout: there npx finds wrangler, an import the SDK, and npm the script.
  for (const name of ['node_modules', 'package.json', 'server']) await symlink(join(ROOT, name), join(directory, name));
  await writeFile(join(directory, 'tour.mjs'), script);
  const lines = ['set -e', `cd ${directory}`, given, ...blocks.map(withoutPorts), 'node tour.mjs'];

  const { code, stdout, stderr } = await new Running('bash', ['-c', lines.join('\n')], {
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: directory,
    FREEHOLD_DATA: data,
    WRANGLER_SEND_METRICS: 'false',
  }).finished;

  expect(code, stderr).toBe(0);
  const shown = tour.find(block => block.language === 'json')?.code.trim() ?? '';
  expect(stdout).toContain(shown);
  expect(stdout).toContain('value 9999');
  expect(stdout).toContain('"title": "tour"');
  expect(stdout).toMatch(/hello\s*\[/);
  expect(stdout).toContain('"name": "user:9999"');
  expect(stdout).toContain('successful_key_count: 1');
  expect(stdout).toContain('workerd says value 9999');
  expect(stdout).toMatch(/^10000$/m);
  expect(stderr).toContain('Deleted 10,000 pairs');
});

/** workerd itself, which npx would leave behind, on a socket in the place of a fixed port, and in the background in the place of another terminal. */
function withoutPorts(block: string): string {
  return block
    .replace(
      'npx workerd serve config.capnp',
      `'${WORKERD}' serve config.capnp --socket-addr http=unix:$PWD/workerd.sock & workerd=$!`,
    )
    .replace(
      'curl http://127.0.0.1:8080',
      `until [ -S workerd.sock ]; do sleep 0.1; done
      echo "workerd says $(curl --unix-socket workerd.sock http://127.0.0.1:8080)"
      kill $workerd`,
    );
}

test('the two commands are the scripts that the checkout has', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  expect(README).toContain('npm ci && npm start');
  expect(README).toContain('npm ci && npm test');
  expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String), freehold: expect.any(String) });
});
