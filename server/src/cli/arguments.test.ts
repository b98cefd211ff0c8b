import { describe, expect, test } from 'vitest';
import { OperatorError } from '../operator-error.ts';
import { parseArguments } from './arguments.ts';

const DEFAULTS = {
  dataDirectory: './freehold-data',
  listen: [{ host: '127.0.0.1', port: 8480 }],
  threads: 1,
  logLevel: 'info',
  logFormat: 'auto',
};

/** The configuration's `listen` for one host and port. */
function on(host: string, port: number) {
  return { listen: [{ host, port }] };
}

type Environment = Record<string, string>;

/** As systemd tells of one socket. */
const SOCKET_PASSED: Environment = { LISTEN_FDS: '1', LISTEN_PID: `${process.pid}` };

function serveConfigOf(line: string, environment: Environment = {}) {
  const invocation = parseArguments(line.split(' ').filter(Boolean), environment);
  return invocation.action === 'serve' ? invocation.config : undefined;
}

function messageOf(argv: string[], environment: Environment = {}): string {
  try {
    parseArguments(argv, environment);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    expect(error.exitCode).toBe(2);
    expect(error.message).not.toContain('\n');
    return error.message;
  }
  throw new Error('accepted');
}

describe('help and version', () => {
  test.each([
    ['', ''],
    ['--help', ''],
    ['-h', ''],
    ['token', 'token'],
    ['token --help', 'token'],
    ['serve --help', 'serve'],
    ['serve --port x --help', 'serve'],
    ['serve --nonsense -h', 'serve'],
    ['token reset-root --help', 'token reset-root'],
  ])('freehold %s shows the help of "%s"', (line, topic) => {
    expect(parseArguments(line.split(' ').filter(Boolean), {})).toEqual({ action: 'help', topic });
  });

  test.each(['--version', '-v', 'serve --version', 'token --version', 'token reset-root -v'])('freehold %s', line => {
    expect(parseArguments(line.split(' '), {})).toEqual({ action: 'version' });
  });
});

describe('serve', () => {
  test('defaults', () => {
    expect(serveConfigOf('serve')).toEqual(DEFAULTS);
  });

  test.each([
    ['--data d', { dataDirectory: 'd' }],
    ['--data=d', { dataDirectory: 'd' }],
    ['--host=::1', on('::1', 8480)],
    ['--port 0', on('127.0.0.1', 0)],
    ['--port 1 --port 2', on('127.0.0.1', 2)],
    ['--listen [::1]:1,unix:s', { listen: [{ host: '::1', port: 1 }, { path: 's' }] }],
    ['--threads 2', { threads: 2 }],
    ['--tls-cert c --tls-key k', { tls: { certificate: 'c', key: 'k' } }],
    ['--threads 2 --listen 127.0.0.1:1,unix:s', { threads: 2, listen: expect.any(Array) }],
    ['--no-auth', { noAuth: true }],
    ['--no-auth=no', {}],
    ['--no-auth --listen localhost:1,[::1]:2,unix:s,127.9.9.9:3', { noAuth: true, listen: expect.any(Array) }],
    ['--cors-origin https://a.example', { corsOrigins: ['https://a.example'] }],
    ['--token-file f', { givenToken: { source: '--token-file', file: 'f' } }],
    ['--log-level silent', { logLevel: 'silent' }],
    ['--log-format json', { logFormat: 'json' }],
    ['--disk-free-min 1KiB', { diskFreeBytesMin: 1024 }],
    ['--data=-odd', { dataDirectory: '-odd' }],
  ])('%s', (flags, config) => {
    expect(serveConfigOf(`serve ${flags}`)).toEqual({ ...DEFAULTS, ...config });
  });

  test.each([
    [{ FREEHOLD_DATA: 'd' }, { dataDirectory: 'd' }],
    [{ FREEHOLD_HOST: 'h' }, on('h', 8480)],
    [{ FREEHOLD_PORT: '0' }, on('127.0.0.1', 0)],
    [{ FREEHOLD_LISTEN: 'h:1' }, on('h', 1)],
    [{ FREEHOLD_THREADS: '4' }, { threads: 4 }],
    [{ FREEHOLD_CORS_ORIGIN: '*' }, { corsOrigins: ['*'] }],
    [{ FREEHOLD_TOKEN: 'sixteen-letters!' }, { givenToken: { source: 'FREEHOLD_TOKEN', token: 'sixteen-letters!' } }],
    [{ FREEHOLD_TOKEN_FILE: 'f' }, { givenToken: { source: 'FREEHOLD_TOKEN_FILE', file: 'f' } }],
    [{ FREEHOLD_LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    [{ FREEHOLD_LOG_FORMAT: 'pretty' }, { logFormat: 'pretty' }],
    [{ FREEHOLD_DISK_FREE_MIN: '0' }, { diskFreeBytesMin: 0 }],
    [{ FREEHOLD_PORT: '', FREEHOLD_TOKEN: '' }, {}],
  ] as [Environment, object][])('%j', (environment, config) => {
    expect(serveConfigOf('serve', environment)).toEqual({ ...DEFAULTS, ...config });
  });

  test('systemd stands for every socket that it has passed', () => {
    const { listen } = serveConfigOf('serve --listen unix:s,systemd', { ...SOCKET_PASSED, LISTEN_FDS: '2' }) ?? {};
    expect(listen).toEqual([{ path: 's' }, { descriptor: 3 }, { descriptor: 4 }]);
  });

  test('flags beat the environment', () => {
    const environment = { FREEHOLD_PORT: '1', FREEHOLD_DATA: 'a', FREEHOLD_TOKEN_FILE: 'a' };
    expect(serveConfigOf('serve --port 2 --data b --token-file b', environment)).toMatchObject({
      ...on('127.0.0.1', 2),
      dataDirectory: 'b',
      givenToken: { source: '--token-file', file: 'b' },
    });
  });
});

describe('connect', () => {
  const BARE = {
    dataDirectory: './freehold-data',
    namespace: 'sessions',
    client: 'curl',
    create: false,
    readOnly: false,
  };

  function connectConfigOf(line: string, environment: Environment = {}) {
    const invocation = parseArguments(['connect', ...line.split(' ')], environment);
    return invocation.action === 'connect' ? invocation.config : undefined;
  }

  test.each(['sessions --for curl', '--for curl sessions', '--for=curl -- sessions'])('%s', line => {
    expect(connectConfigOf(line)).toEqual(BARE);
  });

  test.each([
    ['--data d', { dataDirectory: 'd' }],
    ['--for workerd', { client: 'workerd' }],
    ['--account 0123456789ABCDEF0123456789ABCDEF', { account: '0123456789abcdef0123456789abcdef' }],
    ['--create', { create: true }],
    ['--create=no', { create: false }],
    ['--create --create=no', { create: false }],
    ['--url https://kv.example.com/', { url: 'https://kv.example.com' }],
    ['--read-only', { readOnly: true }],
    ['--expires 30d', { expires: { after: 2_592_000 } }],
  ])('%s', (flags, config) => {
    expect(connectConfigOf(`--for curl sessions ${flags}`)).toEqual({ ...BARE, ...config });
  });

  test.each([
    [{ FREEHOLD_FOR: 'sdk' }, { client: 'sdk' }],
    [{ FREEHOLD_CREATE: 'true' }, { create: true }],
    [{ FREEHOLD_CREATE: '0' }, { create: false }],
    [{ FREEHOLD_URL: 'unix:/s' }, { url: 'unix:/s' }],
    [{ FREEHOLD_LISTEN: 'nonsense' }, {}],
  ] as [Environment, object][])('%j', (environment, config) => {
    expect(connectConfigOf('sessions', { FREEHOLD_FOR: 'curl', ...environment })).toEqual({ ...BARE, ...config });
  });

  test('a switch does not take the word after it', () => {
    expect(connectConfigOf('--create sessions --for curl')).toEqual({ ...BARE, create: true });
  });

  test('a namespace may begin with a dash, after two of them', () => {
    expect(connectConfigOf('--for curl -- --odd')).toEqual({ ...BARE, namespace: '--odd' });
  });

  test.each([
    [[], 'connect needs a NAMESPACE: its id or its title (see freehold connect --help)'],
    [['', '--for', 'curl'], 'connect needs a NAMESPACE: its id or its title (see freehold connect --help)'],
    [['a', 'b', '--for', 'curl'], 'unexpected argument "b" (see freehold connect --help)'],
    [['a'], /^connect needs --for: one of workerd, miniflare, wrangler, sdk, node, terraform, curl \(/],
    [['a', '--for', 'go'], /^--for must be one of workerd, .*, not "go" \(/],
    [['a', '--for', 'curl', '--account', '1'], /^--account must be 32 hexadecimal digits, not "1" \(/],
    [['a', '--for', 'curl', '--create=maybe'], /^--create must be yes or no, not "maybe" \(/],
    [['a', '--for', 'curl', '--url', 'x'], /^--url must be an http or https URL .*, not "x" \(/],
    [['a', '--for', 'curl', '--port', '1'], /^unknown flag --port \(/],
  ])('%j is refused', (argv, message) => {
    expect(messageOf(['connect', ...argv])).toMatch(message);
  });
});

describe('token create', () => {
  const BARE = { dataDirectory: './freehold-data', name: 'ci', readOnly: false };
  const ACCOUNT = '0123456789abcdef0123456789abcdef';

  test.each([
    ['', {}],
    ['--data d', { dataDirectory: 'd' }],
    [`--account ${ACCOUNT.toUpperCase()}`, { account: ACCOUNT }],
    ['--namespace a', { namespaces: ['a'] }],
    ['--namespace a,b', { namespaces: ['a', 'b'] }],
    ['--namespace a --namespace b,c --namespace=d', { namespaces: ['a', 'b', 'c', 'd'] }],
    ['--read-only', { readOnly: true }],
    ['--expires 12h', { expires: { after: 43_200 } }],
    ['--expires 2030-01-31', { expires: { at: 1_896_048_000 } }],
    ['--expires 1d --expires 2d', { expires: { after: 172_800 } }],
    ['--requests-per-second 100', { requestsPerSecond: 100 }],
    ['--bytes-per-day 1GiB', { bytesPerDay: 1_073_741_824 }],
  ])('%s', (flags, config) => {
    expect(parseArguments(`token create --name ci ${flags}`.split(' ').filter(Boolean), {})).toEqual({
      action: 'token create',
      config: { ...BARE, ...config },
    });
  });

  test.each([
    [[], 'token create needs --name: what the token is called (see freehold token create --help)'],
    [['--name', ''], /^--name must be 1 to .*, not "" \(/],
    [['--name', 'a', '--namespace', 'a,,b'], /^--namespace must be ids or titles .*, not "a,,b" \(/],
    [['--name', 'a', '--namespace', 'a', '--namespace', ''], /^--namespace must be ids or titles .*, not "a," \(/],
    [['--name', 'a', '--expires', '30'], /^--expires must be a duration .*, not "30" \(/],
    [['--name', 'a', '--requests-per-second', '0'], /^--requests-per-second must be a whole number from 1, not "0" \(/],
    [['--name', 'a', '--bytes-per-day', '0'], /^--bytes-per-day must be a number of bytes from 1/],
    [['a'], /^unexpected argument "a" \(/],
  ])('%j is refused', (argv, message) => {
    expect(messageOf(['token', 'create', ...argv])).toMatch(message);
  });
});

describe('backup', () => {
  function orderOf(line: string, environment: Environment = {}) {
    const invocation = parseArguments(['backup', ...line.split(' ')], environment);
    return invocation.action === 'backup' ? invocation.config.order : undefined;
  }

  test.each([
    ['b.db', { kind: 'once', file: 'b.db' }],
    ['--to dir', { kind: 'named', to: 'dir' }],
    ['--every 6h --to dir', { kind: 'schedule', everySeconds: 21_600, keep: 14, to: 'dir' }],
    ['--every 1w --keep 3 --to dir', { kind: 'schedule', everySeconds: 604_800, keep: 3, to: 'dir' }],
    ['--every never', { kind: 'never' }],
  ])('%s', (line, order) => {
    expect(orderOf(line)).toEqual(order);
  });

  test('a FILE beats what the environment says', () => {
    const environment = { FREEHOLD_BACKUP_TO: 'dir', FREEHOLD_BACKUP_EVERY: '6h' };
    expect(orderOf('b.db', environment)).toEqual({ kind: 'once', file: 'b.db' });
    expect(orderOf('--keep 2', environment)).toMatchObject({ kind: 'schedule', keep: 2, to: 'dir' });
  });

  test.each([
    ['--json', 'backup needs a FILE, or a directory by --to (see freehold backup --help)'],
    ['--every 6h', 'backup needs a FILE, or a directory by --to (see freehold backup --help)'],
    ['b.db --to dir', '--to cannot be set beside a FILE (see freehold backup --help)'],
    ['b.db --every 6h', '--every cannot be set beside a FILE (see freehold backup --help)'],
    ['--to dir --keep 3', '--keep is for a schedule: give --every, too (see freehold backup --help)'],
    ['--every never --keep 3', '--keep is for a schedule: give --every, too (see freehold backup --help)'],
    ['--every 6s --to dir', /^--every must be a duration of 1m to 365d .*, or never, not "6s"/],
    ['--every 0h --to dir', /^--every must be/],
    ['--every 400d --to dir', /^--every must be/],
    ['--every 6h --keep 0 --to dir', /^--keep must be a whole number from 1/],
  ])('%s is refused', (line, message) => {
    expect(messageOf(['backup', ...line.split(' ')])).toMatch(message);
  });

  test('restore and verify need what they are for', () => {
    expect(messageOf(['restore'])).toMatch(/^restore needs a FILE: the path of a backup/);
    expect(messageOf(['verify'])).toMatch(/^verify needs a PATH: /);
    expect(parseArguments(['verify', 'b.db', '--json'], {})).toEqual({
      action: 'verify',
      config: { path: 'b.db', json: true },
    });
  });
});

test('token list takes --json', () => {
  const config = { dataDirectory: './freehold-data', json: false };
  expect(parseArguments(['token', 'list'], {})).toEqual({ action: 'token list', config });
  expect(parseArguments(['token', 'list', '--json'], {})).toEqual({
    action: 'token list',
    config: { ...config, json: true },
  });
});

test('token revoke takes an id or a name', () => {
  const config = { dataDirectory: 'd', token: 'a name' };
  expect(parseArguments(['token', 'revoke', 'a name', '--data', 'd'], {})).toEqual({ action: 'token revoke', config });
  expect(messageOf(['token', 'revoke'])).toBe(
    'token revoke needs a TOKEN: its id or its name (see freehold token revoke --help)',
  );
});

describe('token reset-root', () => {
  test('takes the data directory, and is not troubled by options of other commands', () => {
    expect(parseArguments(['token', 'reset-root', '--data', 'd'], { FREEHOLD_PORT: 'nonsense' })).toEqual({
      action: 'token reset-root',
      config: { dataDirectory: 'd' },
    });
  });

  test('does not take the flags of other commands', () => {
    expect(messageOf(['token', 'reset-root', '--port', '1'])).toMatch(/^unknown flag --port /);
  });
});

describe('errors name what is wrong and where help is', () => {
  test.each([
    [['serve', '--prot', '1'], 'unknown flag --prot (see freehold serve --help)'],
    [['serve', '-p', '1'], 'unknown flag -p (see freehold serve --help)'],
    [['serve', '--no-port'], 'unknown flag --no-port (see freehold serve --help)'],
    [['serve', '--token', 'sixteen-letters!'], 'unknown flag --token (see freehold serve --help)'],
    [['serve', '--port'], '--port needs a value (see freehold serve --help)'],
    [['serve', '--port', '--host'], '--port needs a value (see freehold serve --help)'],
    [['serve', '--data', '--', 'x'], '--data needs a value (see freehold serve --help)'],
    [['serve', 'x'], 'unexpected argument "x" (see freehold serve --help)'],
    [['serve', '--', '--port'], 'unexpected argument "--port" (see freehold serve --help)'],
    [['serv'], 'unknown command "serv" (see freehold --help)'],
    [['toString'], 'unknown command "toString" (see freehold --help)'],
    [['token', 'x\ny'], 'unknown command "token x\\ny" (see freehold token --help)'],
  ])('%j', (argv, message) => {
    expect(messageOf(argv)).toBe(message);
  });

  test('a flag before the command is told to come after it', () => {
    expect(messageOf(['--port', '1', 'serve'])).toMatch(/^unknown flag --port; flags come after a command/);
  });

  test.each([
    ['--data', 'FREEHOLD_DATA', ''],
    ['--host', 'FREEHOLD_HOST', 'a b'],
    ['--port', 'FREEHOLD_PORT', '65536'],
    ['--port', 'FREEHOLD_PORT', '-1'],
    ['--listen', 'FREEHOLD_LISTEN', '8480'],
    ['--threads', 'FREEHOLD_THREADS', '0'],
    ['--cors-origin', 'FREEHOLD_CORS_ORIGIN', 'https://a.example/'],
    ['--token-file', 'FREEHOLD_TOKEN_FILE', ''],
    ['--log-level', 'FREEHOLD_LOG_LEVEL', 'loud'],
    ['--log-format', 'FREEHOLD_LOG_FORMAT', 'xml'],
    ['--disk-free-min', 'FREEHOLD_DISK_FREE_MIN', 'much'],
  ])('%s and %s do not take "%s"', (flag, variable, text) => {
    const rest = / must be .*, not ".*" \(see freehold serve --help\)$/;
    expect(messageOf(['serve', `${flag}=${text}`])).toMatch(new RegExp(`^${flag}${rest.source}`));
    if (text === '') return;
    expect(messageOf(['serve', flag, text])).toMatch(new RegExp(`^${flag}${rest.source}`));
    expect(messageOf(['serve'], { [variable]: text })).toMatch(new RegExp(`^${variable}${rest.source}`));
  });

  test('a token that is no good is not repeated', () => {
    const message = messageOf(['serve'], { FREEHOLD_TOKEN: 'too-short' });
    expect(message).toMatch(/^FREEHOLD_TOKEN must be at least 16 characters/);
    expect(message).not.toContain('too-short');
  });

  test.each([
    [[], { FREEHOLD_TOKEN: 'sixteen-letters!', FREEHOLD_TOKEN_FILE: 'f' }, 'FREEHOLD_TOKEN_FILE'],
    [['--token-file', 'f'], { FREEHOLD_TOKEN: 'sixteen-letters!' }, '--token-file'],
  ] as [string[], Environment, string][])('a token and a token file together: %j %j', (flags, environment, source) => {
    expect(messageOf(['serve', ...flags], environment)).toMatch(
      new RegExp(`^FREEHOLD_TOKEN and ${source} are both set`),
    );
  });

  test.each([
    [['--port', '1'], { FREEHOLD_LISTEN: 'h:2' }, [{ host: '127.0.0.1', port: 1 }]],
    [['--port', '1'], { FREEHOLD_LISTEN: 'h:2', FREEHOLD_HOST: 'g' }, [{ host: 'g', port: 1 }]],
    [['--listen', 'h:1'], { FREEHOLD_HOST: 'g', FREEHOLD_PORT: '2' }, [{ host: 'h', port: 1 }]],
  ] as [string[], Environment, unknown][])('where to listen, said by a flag: %j %j', (flags, environment, listen) => {
    expect(parseArguments(['serve', ...flags], environment)).toMatchObject({ config: { listen } });
  });

  test.each([
    [['--tls-cert', 'c'], {}, '--tls-cert is set alone: --tls-cert and --tls-key belong together'],
    [[], { FREEHOLD_TLS_KEY: 'k' }, 'FREEHOLD_TLS_KEY is set alone'],
    [['--no-auth', '--token-file', 'f'], {}, '--no-auth cannot be set beside --token-file'],
    [['--no-auth'], { FREEHOLD_TOKEN: 'sixteen-letters!' }, '--no-auth cannot be set beside FREEHOLD_TOKEN'],
    [['--no-auth', '--cors-origin', '*'], {}, '--no-auth cannot be set beside --cors-origin'],
    [['--no-auth', '--host', '0.0.0.0'], {}, '--no-auth takes loopback addresses and unix:PATH alone, and 0.0.0.0'],
    [['--listen', 'unix:s,127.0.0.1:1,[::]:1'], { FREEHOLD_NO_AUTH: 'yes' }, 'FREEHOLD_NO_AUTH takes .*, and :: is'],
    [['--no-auth', '--host', 'kv.example.com'], {}, '--no-auth takes .*, and kv.example.com is neither'],
    [['--no-auth', '--listen', 'systemd'], SOCKET_PASSED, '--no-auth takes .*, and systemd is neither'],
    [['--listen', 'systemd', '--threads', '2'], SOCKET_PASSED, '--threads cannot be above 1 without a port'],
    [['--listen', 'systemd'], {}, 'cannot listen on systemd: no sockets were passed'],
    [['--listen', 'systemd'], { LISTEN_FDS: '0', LISTEN_PID: `${process.pid}` }, 'cannot listen .* no sockets were'],
    [['--listen', 'systemd'], { LISTEN_FDS: '1', LISTEN_PID: '1' }, 'cannot listen .* passed to another process'],
  ] as [string[], Environment, string][])('what does not go together: %j %j', (flags, environment, start) => {
    expect(messageOf(['serve', ...flags], environment)).toMatch(
      new RegExp(`^${start}.*\\(see freehold serve --help\\)$`),
    );
  });

  test.each([
    [['--listen', 'h:1', '--host', 'h'], {}, '--host cannot be set beside --listen'],
    [['--listen', 'h:1', '--port', '1'], {}, '--port cannot be set beside --listen'],
    [['--listen', 'h:1', '--port', '1', '--host', 'h'], {}, '--host and --port cannot be set beside --listen'],
    [[], { FREEHOLD_LISTEN: 'h:1', FREEHOLD_PORT: '1' }, 'FREEHOLD_PORT cannot be set beside FREEHOLD_LISTEN'],
  ] as [string[], Environment, string][])('two ways to say where to listen: %j %j', (flags, environment, start) => {
    expect(messageOf(['serve', ...flags], environment)).toMatch(
      new RegExp(`^${start}, .*\\(see freehold serve --help`),
    );
  });
});
