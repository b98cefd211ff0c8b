/** What Prometheus' own tool says of a real scrape, of the alerts and of the configuration. It has to be installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Scrape } from '../rest/scrape.fixture.ts';
import { serveForTests } from '../rest/server.fixture.ts';

const server = serveForTests();
const DEPLOY = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));

async function promtool(argv: readonly string[], { cwd = DEPLOY, input = '' } = {}) {
  const child = spawn('promtool', argv, { cwd });
  child.stdin.end(input);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, stdout, stderr };
}

test('it finds nothing amiss in a scrape, after requests of many kinds', async () => {
  const namespace = await server.namespace();
  await namespace.put('k', 'value');
  await namespace.get('k');
  await namespace.get('nowhere');
  await server.client.send('PATCH', '/healthz');
  const told = 'freehold_http_requests_total{route="none",method="any",status="405"}';
  const scrape = await Scrape.until(server.client, each => each.get(told) === 1);
  expect(await promtool(['check', 'metrics'], { input: scrape.text })).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('it accepts the alerts', async () => {
  const { exitCode, stdout, stderr } = await promtool(['check', 'rules', 'alerts.yml']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

test('the alerts fire when they should, and not before', async () => {
  const { exitCode, stdout, stderr } = await promtool(['test', 'rules', 'alerts.test.yml']);
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
});

test('it accepts the configuration, once the token is there', async () => {
  const directory = join(await temporaryDirectory(), 'prometheus');
  await cp(DEPLOY, directory, { recursive: true });
  await writeFile(join(directory, 'freehold-token'), 'token');
  const { exitCode, stderr } = await promtool(['check', 'config', 'prometheus.yml'], { cwd: directory });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
