import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CERTIFICATE } from '../certificates.fixture.ts';
import { freehold, MAIN, Running, serve, temporaryDirectory } from './process.fixture.ts';
import { RemoteServer, ROOT_TOKEN } from './remote.fixture.ts';

function profilesOf({ environment }: Pick<RemoteServer, 'environment'>): string {
  return join(environment['XDG_CONFIG_HOME'] ?? '', 'freehold', 'profiles.json');
}

async function readProfilesOf(server: Pick<RemoteServer, 'environment'>): Promise<unknown> {
  return JSON.parse(await readFile(profilesOf(server), 'utf8')).profiles;
}

describe('login', () => {
  test('keeps the server under the default name, and says where', async () => {
    const server = await RemoteServer.start();
    const { code, stdout, stderr } = await server.run(['login', server.url], { FREEHOLD_TOKEN: ROOT_TOKEN });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`as the profile default in ${profilesOf(server)}`);
    expect(stderr).not.toContain(ROOT_TOKEN);
    expect(await readProfilesOf(server)).toEqual({ default: { url: server.url, token: ROOT_TOKEN } });
  });

  test('keeps others beside it, each under its name, with the token of a file', async () => {
    const server = await RemoteServer.start();
    const file = join(await temporaryDirectory(), 'token');
    await writeFile(file, `${ROOT_TOKEN}\n`);
    for (const name of ['one', 'two']) {
      expect(await server.run(['login', server.url, '--profile', name, '--token-file', file])).toMatchObject({
        code: 0,
      });
    }
    expect(Object.keys((await readProfilesOf(server)) as object)).toEqual(['one', 'two']);
  });

  test('takes the token from a pipe', async () => {
    const server = await RemoteServer.start();
    const login = new Running(process.execPath, [MAIN, 'login', server.url], server.environment);
    login.child.stdin.end(`${ROOT_TOKEN}\n`);
    expect(await login.finished).toMatchObject({ code: 0 });
    expect(await readProfilesOf(server)).toMatchObject({ default: { token: ROOT_TOKEN } });
  });

  test('asks for the token on a terminal, and does not show what is typed', async () => {
    const server = await RemoteServer.start();
    const login = onTerminal(server);
    await login.output(/Token for/);
    login.child.stdin.write(`${ROOT_TOKEN}\r`);
    const { code, stdout } = await login.finished;
    expect(code).toBe(0);
    expect(stdout).not.toContain(ROOT_TOKEN);
    expect(await readProfilesOf(server)).toMatchObject({ default: { token: ROOT_TOKEN } });
  });

  test('ends with 130 where Ctrl-C is the answer', async () => {
    const server = await RemoteServer.start();
    const login = onTerminal(server);
    await login.output(/Token for/);
    login.child.stdin.write('\x03');
    expect(await login.finished).toMatchObject({ code: 130 });
    await expect(readProfilesOf(server)).rejects.toThrow('ENOENT');
  });

  test('keeps nothing where the server refuses the token, and does not show it', async () => {
    const server = await RemoteServer.start();
    const wrong = 'a-token-that-was-never-made';
    const { code, stderr } = await server.run(['login', server.url], { FREEHOLD_TOKEN: wrong });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^freehold: http\S+ answers GET \S+ with 401: Invalid API Token \(code 1000\)\n$/);
    expect(stderr).not.toContain(wrong);
    await expect(readProfilesOf(server)).rejects.toThrow('ENOENT');
  });

  test('by TLS keeps the path of the certificates from wherever it is used', async () => {
    const directory = await temporaryDirectory();
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    await Promise.all([writeFile(cert, CERTIFICATE.cert), writeFile(key, CERTIFICATE.key)]);
    const token = { FREEHOLD_TOKEN: ROOT_TOKEN };
    const tls = ['--tls-cert', cert, '--tls-key', key];
    const { url } = await serve(['--data', join(directory, 'data'), ...tls], token);
    const environment = { XDG_CONFIG_HOME: directory };
    const { code, stderr } = await freehold(['login', url], { ...environment, ...token });
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('self-signed certificate') });
    const login = ['login', url, '--ca-file', relative(process.cwd(), cert)];
    expect(await freehold(login, { ...environment, ...token })).toMatchObject({ code: 0 });
    expect(await readProfilesOf({ environment })).toMatchObject({ default: { caFile: cert } });
  });

  test.each([
    [['login'], {}, 'login needs a URL'],
    [['login', 'kv.example.com'], {}, 'the URL must be an http or https URL'],
    [['login', 'http://127.0.0.1:1', '--profile', 'a b'], {}, '--profile must be'],
    [['login', 'http://127.0.0.1:1'], { FREEHOLD_TOKEN: 'short' }, 'FREEHOLD_TOKEN must be'],
    [['login', 'http://127.0.0.1:1', '--token-file', '/missing'], {}, '--token-file: ENOENT'],
    [['login', 'http://127.0.0.1:1', '--ca-file', '/missing'], { FREEHOLD_TOKEN: ROOT_TOKEN }, 'ENOENT'],
  ])('%j is a wrong command line', async (argv, environment, text) => {
    const configuration = { XDG_CONFIG_HOME: await temporaryDirectory() };
    const { code, stderr } = await freehold(argv, { ...configuration, ...environment });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^freehold: .*\n$/);
    expect(stderr).toContain(text);
  });
});

/** As a person does, with no token around. */
function onTerminal(server: RemoteServer): Running {
  const command = ['exec', process.execPath, MAIN, 'login', server.url].join(' ');
  return new Running('script', ['-qec', command, '/dev/null'], { ...server.environment, TERM: 'xterm' });
}

describe('logout', () => {
  test('forgets the profile that is named, and no other', async () => {
    const server = await RemoteServer.start();
    for (const name of ['default', 'other']) {
      await server.run(['login', server.url, '--profile', name], { FREEHOLD_TOKEN: ROOT_TOKEN });
    }
    expect(await server.run(['logout'])).toMatchObject({ code: 0 });
    expect(Object.keys((await readProfilesOf(server)) as object)).toEqual(['other']);
  });

  test('says so where there is nothing to forget', async () => {
    const { code, stderr } = await freehold(['logout'], { XDG_CONFIG_HOME: await temporaryDirectory() });
    expect(code).toBe(1);
    expect(stderr).toContain('there is no profile default');
  });
});
