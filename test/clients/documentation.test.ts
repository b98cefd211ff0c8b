/** What docs/clients.md has for pasting works as pasted. */
import { execFile } from 'node:child_process';
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { TOKEN, useFreehold } from './freehold.fixture.ts';
import { useWrangler, WRANGLER } from './wrangler.fixture.ts';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const freehold = useFreehold();
const wrangler = useWrangler(freehold);
let page: string;

beforeAll(async () => {
  page = await readFile(new URL('docs/clients.md', ROOT), 'utf8');
  await symlink(fileURLToPath(new URL('node_modules', ROOT)), join(wrangler.directory, 'node_modules'));
  // The installed wrangler, with nothing downloaded.
  const npx = join(wrangler.directory, 'npx');
  await writeFile(npx, `#!/bin/sh\n[ "$1" = wrangler ] && shift && exec '${process.execPath}' '${WRANGLER}' "$@"\n`);
  await chmod(npx, 0o755);
});

/** The code blocks of a section, for the server of the tests. */
function blocks(section: string, language: string): string[] {
  const text = page.split(/^## /m).find(part => part.startsWith(`${section}\n`)) ?? '';
  const found = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(block => block[1] === language);
  return found.map(([, , code = '']) =>
    code.replaceAll('http://127.0.0.1:8480', freehold.url).replaceAll('your-token', TOKEN),
  );
}

async function shell(script: string): Promise<string> {
  const { CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_BASE_URL, CLOUDFLARE_API_TOKEN, ...env } = wrangler.environment();
  env['PATH'] = `${wrangler.directory}:${env['PATH']}`;
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: wrangler.directory, env });
  return stdout;
}

/** Runs the three blocks of a section: settings, what creates a namespace, and what uses the id that this showed. */
async function tour(section: string): Promise<string> {
  const [settings, create, use, ...rest] = blocks(section, 'sh');
  expect(rest).toEqual([]);
  const [, id = 'none shown'] = /"id": ?"([0-9a-f]{32})"/.exec(await shell(`${settings}${create}`)) ?? [];
  return shell(`${settings}${use?.replaceAll('your-namespace-id', id)}`);
}

test('wrangler', async () => {
  const shown = await tour('wrangler');
  expect(shown).toContain('\nhello');
  const list = shown.slice(shown.lastIndexOf('\n[\n'));
  expect(JSON.parse(list)).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'greeting', metadata: { lang: 'en' } }]);
});

test('the SDK', async () => {
  const [code = '', ...rest] = blocks('The `cloudflare` SDK', 'js');
  expect(rest).toEqual([]);
  const file = join(wrangler.directory, 'tour.mjs');
  await writeFile(file, code);
  expect((await run(process.execPath, [file])).stdout).toBe('10000 orders\n7 pieces\n');
});

test('curl', async () => {
  const shown = await tour('curl');
  expect(shown).not.toContain('"success":false');
  expect(shown.match(/"success":true/g)).toHaveLength(5);
  expect(shown).toContain('}hello{');
  expect(shown).toContain('[{"name":"a/b"}]');
});
