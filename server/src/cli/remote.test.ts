import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freehold, MAIN, Running, temporaryDirectory } from './process.fixture.ts';
import { ACCOUNT, NAMESPACE, RemoteServer, ROOT_TOKEN } from './remote.fixture.ts';

const GET = ['kv', 'get', 'pairs', 'greeting'];

async function serverWithGreeting(...flags: string[]): Promise<RemoteServer> {
  const server = await RemoteServer.start(...flags);
  await server.put({ greeting: `hello from ${server.data}` });
  return server;
}

describe('the server that a command speaks to', () => {
  test('is the one on the data directory, with a token for this command alone, which is revoked', async () => {
    const server = await serverWithGreeting();
    const got = await server.run(GET);
    expect(got).toMatchObject({ code: 0, stdout: `hello from ${server.data}`, stderr: '' });
    expect(await server.run(['token', 'list', '--json'])).toMatchObject({ stdout: '[]\n' });
    const { stdout } = await server.process.end('SIGTERM');
    const audits = stdout.split('\n').filter(line => line.includes('"audit":"token.'));
    expect(audits.map(line => JSON.parse(line).audit)).toEqual(['token.create', 'token.revoke']);
    expect(audits.join()).toContain('"name":"freehold kv get"');
  });

  test('is reached through its Unix socket where it has one', async () => {
    const socket = join(await temporaryDirectory(), 'kv.sock');
    const server = await serverWithGreeting('--listen', `127.0.0.1:0,unix:${socket}`);
    const { url } = server;
    expect(await server.run(GET)).toMatchObject({ code: 0 });
    const byUrl = ['--server', `unix:${socket}`];
    expect(await server.run([...GET, ...byUrl], { FREEHOLD_TOKEN: ROOT_TOKEN })).toMatchObject({ code: 0 });
    expect(url).toMatch(/^http:/);
  });

  test('is the one that --server or FREEHOLD_SERVER names, before all others', async () => {
    const [here, there] = [await serverWithGreeting(), await serverWithGreeting()];
    const token = { FREEHOLD_TOKEN: ROOT_TOKEN };
    const hello = { code: 0, stdout: `hello from ${there.data}` };
    expect(await here.run([...GET, '--server', there.url], token)).toMatchObject(hello);
    expect(await here.run(GET, { ...token, FREEHOLD_SERVER: there.url })).toMatchObject(hello);
  });

  test('is that of a profile which is named, before the one on the data directory', async () => {
    const [here, there] = [await serverWithGreeting(), await serverWithGreeting()];
    await here.run(['login', there.url, '--profile', 'there'], { FREEHOLD_TOKEN: ROOT_TOKEN });
    const hello = { code: 0, stdout: `hello from ${there.data}` };
    expect(await here.run([...GET, '--profile', 'there'])).toMatchObject(hello);
    expect(await here.run(GET, { FREEHOLD_PROFILE: 'there' })).toMatchObject(hello);
  });

  test('is that of the default profile where none runs on the data directory', async () => {
    const [here, there] = [await serverWithGreeting(), await serverWithGreeting()];
    await here.run(['login', there.url], { FREEHOLD_TOKEN: ROOT_TOKEN });
    expect(await here.run(GET)).toMatchObject({ stdout: `hello from ${here.data}` });
    await here.process.end('SIGTERM');
    expect(await here.run(GET)).toMatchObject({ code: 0, stdout: `hello from ${there.data}` });
    const named = await here.run([...GET, '--data', here.data]);
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining(`no server runs on ${here.data}`) });
  });

  test('--data as a flag beats a profile of the environment', async () => {
    const server = await serverWithGreeting();
    const environment = { FREEHOLD_PROFILE: 'none', FREEHOLD_SERVER: 'http://127.0.0.1:1' };
    expect(await server.run([...GET, '--data', server.data], environment)).toMatchObject({ code: 0 });
  });
});

describe('what is wrong is told in one line', () => {
  async function told(
    argv: string[],
    environment: Record<string, string> = {},
  ): Promise<{ code: number | null; stderr: string }> {
    const { code, stdout, stderr } = await freehold(argv, { XDG_CONFIG_HOME: '/missing', ...environment });
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^freehold: .*\n$/);
    expect(stderr).not.toContain(ROOT_TOKEN);
    return { code, stderr };
  }

  const token = { FREEHOLD_TOKEN: ROOT_TOKEN };

  test('where there is no server at all, with what to do', async () => {
    const { code, stderr } = await told(GET, { FREEHOLD_DATA: await temporaryDirectory() });
    expect(code).toBe(1);
    expect(stderr).toContain('freehold serve');
    expect(stderr).toContain('freehold login URL');
  });

  test('where nobody listens at the URL', async () => {
    const { code, stderr } = await told([...GET, '--server', 'http://127.0.0.1:1'], token);
    expect(code).toBe(1);
    expect(stderr).toContain('no answer from http://127.0.0.1:1 to GET /client/v4/accounts: connect ECONNREFUSED');
  });

  test('where the token is refused, missing or not good for it', async () => {
    const { url } = await serverWithGreeting();
    const refused = await told([...GET, '--server', url], { FREEHOLD_TOKEN: 'a-token-that-was-never-made' });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('with 401: Authentication error (code 10000)'),
    });
    expect(await told([...GET, '--server', url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('with 400: '),
    });
  });

  test('where there is no such namespace, account or key', async () => {
    const server = await serverWithGreeting();
    const run = (...argv: string[]) => told([...argv, '--server', server.url], token);
    expect(await run('kv', 'get', 'none', 'x')).toMatchObject({
      code: 1,
      stderr: `freehold: there is no namespace "none" on ${server.url}\n`,
    });
    expect((await run(...GET, '--account', '1'.repeat(32))).stderr).toContain(
      'there is no namespace "pairs" in account 1',
    );
    expect(await run('kv', 'get', 'pairs', 'no\nkey')).toMatchObject({
      code: 1,
      stderr: 'freehold: there is no key "no\\nkey"\n',
    });
  });

  test('where others may read the profiles', async () => {
    const server = await serverWithGreeting();
    await server.run(['login', server.url], token);
    const path = join(server.environment['XDG_CONFIG_HOME'] ?? '', 'freehold', 'profiles.json');
    expect(await readFile(path, 'utf8')).toContain(ROOT_TOKEN);
    await chmod(path, 0o644);
    const { code, stderr } = await told([...GET, '--profile', 'default'], server.environment);
    expect(code).toBe(1);
    expect(stderr).toContain(`chmod 600 ${path}`);
  });

  test.each([
    [['--server', 'http://127.0.0.1:1', '--profile', 'a'], '--server and --profile name a server each'],
    [['--profile', 'a', '--data', 'd'], '--profile and --data name a server each'],
    [['--token-file', 't'], '--token-file belongs to --server'],
    [['--server', 'kv.example.com'], '--server must be an http or https URL'],
    [['--server', 'http://127.0.0.1:1', '--ca-file', '/missing'], 'ENOENT'],
    [['more'], 'unexpected argument "more"'],
  ])('with exit code 2: kv get %j', async (argv, text) => {
    const { code, stderr } = await told([...GET, ...argv]);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });
});

test('what nobody reads to its end stops in silence, with the exit code of a closed pipe', async () => {
  const server = await RemoteServer.start();
  await server.put({ large: 'x'.repeat(1_000_000) });
  const command = `${process.execPath} ${MAIN} kv get pairs large --data ${server.data} | head -c 3; echo " \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await new Running('bash', ['--norc', '-c', command], server.environment).finished;
  expect({ stdout, stderr }).toEqual({ stdout: 'xxx 141\n', stderr: '' });
});

test('what nobody reads at all ends so, too, whatever the command', async () => {
  const server = await RemoteServer.start();
  const file = join(await temporaryDirectory(), 'backup.db');
  const commands = [
    '--help',
    '--version',
    `backup ${file} --json`,
    `verify ${file}`,
    `verify ${file} --json`,
    `restore ${file} --json --data ${join(file, '..', 'restored')}`,
    'connect pairs --for curl',
    'token create --name n',
    'token list',
    'token list --json',
    'doctor',
    'kv count pairs',
  ];
  const ends = commands.map(command => `${process.execPath} ${MAIN} ${command} >&3; echo $?`);
  // The reader has gone before anything is written.
  const script = ['exec 3> >(exec true)', 'wait $!', ...ends].join('\n');
  const environment = { ...server.environment, FREEHOLD_DATA: server.data };
  const { stdout, stderr } = await new Running('bash', ['--norc', '-c', script], environment).finished;
  expect(stdout).toBe('141\n'.repeat(commands.length));
  expect(stderr).not.toContain('Error');
});

test('words that nobody reads do not end what is being done', async () => {
  const server = await RemoteServer.start();
  const put = `${process.execPath} ${MAIN} kv put pairs key value --data ${server.data} 2>&3; echo $?`;
  const script = ['exec 3> >(exec true)', 'wait $!', put].join('\n');
  const { stdout } = await new Running('bash', ['--norc', '-c', script], server.environment).finished;
  expect(stdout).toBe('0\n');
  expect(await server.run(['token', 'list', '--json'])).toMatchObject({ stdout: '[]\n' });
});

test('kv get writes the bytes as they are stored', async () => {
  const server = await RemoteServer.start();
  const path = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${NAMESPACE}/values/${encodeURIComponent('a/b c')}`;
  const value = 'ä\0\n'.repeat(1_000);
  expect(await server.fetch('PUT', path, value)).toMatchObject({ status: 200 });
  expect(await server.run(['kv', 'get', NAMESPACE, 'a/b c'])).toMatchObject({ code: 0, stdout: value, stderr: '' });
});
