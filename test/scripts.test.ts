/** What the README's commands start, where the machine's npm starts it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Running, temporaryDirectory } from '../server/src/cli/process.fixture.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

test('SIGTERM for npm start stops the server in order, and leaves nothing running', async () => {
  const argv = ['start', '--prefix', ROOT, '--', '--port', '0', '--data', join(await temporaryDirectory(), 'data')];
  const npm = new Running('npm', argv, {});
  await npm.output(/"msg":"listening"/);
  npm.child.kill('SIGTERM');
  // Fulfilled when nobody holds its standard output any more: npm and the server.
  expect((await npm.finished).stdout).toMatch(/"msg":"stopped"\}\n$/);
});

test('npm run -s freehold runs the command line, and passes its exit code on', async () => {
  const npm = new Running('npm', ['run', '-s', '--prefix', ROOT, 'freehold', '--', 'serve', '--prot'], {});
  expect(await npm.finished).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--prot') });
});
