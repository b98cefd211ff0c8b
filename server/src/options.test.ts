import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Option } from './option.ts';
import { OPTIONS } from './options.ts';

const options: Option<unknown>[] = Object.values(OPTIONS);

test('docs/configuration.md has the table of options, word for word', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const table = page.split('\n').filter(line => line.startsWith('|'));
  expect(table).toEqual([
    '| Flag | Environment | Default | Commands | Meaning |',
    '| --- | --- | --- | --- | --- |',
    ...options.map(tableRow),
  ]);
});

function tableRow(option: Option<unknown>): string {
  const term = [option.flag, option.placeholder].filter(word => word !== undefined).join(' ');
  const flag = option.flag === undefined ? 'none' : `\`${term}\``;
  const byDefault = option.default === undefined ? option.defaultNote : `\`${option.default}\``;
  const commands = option.commands.map(command => `\`${command}\``).join(', ');
  return `| ${flag} | \`${option.variable}\` | ${byDefault} | ${commands} | ${option.description} |`;
}

describe('the table of options', () => {
  test.each(options)('$variable has a default or says what holds without one', option => {
    expect([option.default, option.defaultNote].filter(Boolean)).toHaveLength(1);
    if (option.default !== undefined) expect(option.parse(option.default)).toBeDefined();
  });

  test.each(options)('$variable is described in one sentence', ({ description }) => {
    expect(description).toMatch(/^[A-Z][^.]*\.$/);
  });
});

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['1048576', 1_048_576],
    ['512MiB', 536_870_912],
    ['1GiB', 1_073_741_824],
    ['1.5 GiB', 1_610_612_736],
    ['2gb', 2_000_000_000],
    ['64KB', 64_000],
    ['10B', 10],
    ['1TiB', 1_099_511_627_776],
  ])('%s is %d bytes', (text, bytes) => {
    expect(OPTIONS.diskFreeBytesMin.parse(text)).toBe(bytes);
  });

  test.each(['', '-1', '1e9', 'MiB', '5XB', '5 %', '1.GiB', '99999999TiB'])('%j is no size', text => {
    expect(OPTIONS.diskFreeBytesMin.parse(text)).toBeUndefined();
  });
});

describe('hosts', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['localhost', 'localhost'],
    ['kv.example.org', 'kv.example.org'],
  ])('%s is %s', (text, host) => {
    expect(OPTIONS.host.parse(text)).toBe(host);
  });

  test.each(['', '127.0.0.1:8480', 'http://localhost', 'a b', '[localhost]', '-x'])('%j is no host', text => {
    expect(OPTIONS.host.parse(text)).toBeUndefined();
  });
});

describe('ports', () => {
  test.each([
    ['0', 0],
    ['80', 80],
    ['65535', 65_535],
  ])('%s is a port', (text, port) => {
    expect(OPTIONS.port.parse(text)).toBe(port);
  });

  test.each(['', '-1', '65536', '80.5', '0x50', '8e1', ' 80', 'http'])('%j is no port', text => {
    expect(OPTIONS.port.parse(text)).toBeUndefined();
  });
});

describe('threads', () => {
  test.each([
    ['1', 1],
    ['64', 64],
  ])('%s is a number of threads', (text, threads) => {
    expect(OPTIONS.threads.parse(text)).toBe(threads);
  });

  test.each(['', '0', '65', '-1', '1.5', '1e1', '0x2', 'all'])('%j is none', text => {
    expect(OPTIONS.threads.parse(text)).toBeUndefined();
  });
});

describe('addresses to listen on', () => {
  test.each([
    ['127.0.0.1:8480', [{ host: '127.0.0.1', port: 8480 }]],
    ['[::1]:0', [{ host: '::1', port: 0 }]],
    ['kv.example.org:80', [{ host: 'kv.example.org', port: 80 }]],
    ['unix:/run/freehold.sock', [{ path: '/run/freehold.sock' }]],
    ['unix:kv:1.sock', [{ path: 'kv:1.sock' }]],
    ['127.0.0.1:8480,unix:/run/kv.sock', [{ host: '127.0.0.1', port: 8480 }, { path: '/run/kv.sock' }]],
    [
      ' localhost:1 , [::]:2 ',
      [
        { host: 'localhost', port: 1 },
        { host: '::', port: 2 },
      ],
    ],
  ])('%s', (text, addresses) => {
    expect(OPTIONS.listen.parse(text)).toEqual(addresses);
  });

  test.each([
    '',
    '8480',
    ':8480',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:8480',
    '[localhost]:8480',
    'http://127.0.0.1:8480',
    'unix:',
    '/run/freehold.sock',
    '127.0.0.1:8480,',
    '127.0.0.1:8480,nonsense',
  ])('%j is none', text => {
    expect(OPTIONS.listen.parse(text)).toBeUndefined();
  });
});

describe('origins', () => {
  test.each([
    ['https://app.example.com', ['https://app.example.com']],
    ['http://localhost:5173', ['http://localhost:5173']],
    ['http://[::1]:5173', ['http://[::1]:5173']],
    ['*', ['*']],
    ['https://a.example, http://b.example:81', ['https://a.example', 'http://b.example:81']],
  ])('%s', (text, origins) => {
    expect(OPTIONS.corsOrigins.parse(text)).toEqual(origins);
  });

  test.each([
    ['https://App.Example.com:443', 'https://app.example.com'],
    ['HTTP://b.example:80', 'http://b.example'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is %s, as browsers send it', (text, origin) => {
    expect(OPTIONS.corsOrigins.parse(text)).toEqual([origin]);
  });

  test.each([
    '',
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com?',
    'https://user@app.example.com',
    'https://*.example.com',
    'https://a.example:99999',
    'ftp://a.example',
    'null',
    'https://a.example,',
    'https://a.example,*',
  ])('%j is none', text => {
    expect(OPTIONS.corsOrigins.parse(text)).toBeUndefined();
  });
});

describe('switches', () => {
  test.each([
    ['yes', true],
    ['true', true],
    ['1', true],
    ['YES', true],
    ['no', false],
    ['false', false],
    ['0', false],
  ])('%s is %j', (text, on) => {
    expect(OPTIONS.create.parse(text)).toBe(on);
  });

  test.each(['', 'on', '2', 'y'])('%j is neither', text => {
    expect(OPTIONS.create.parse(text)).toBeUndefined();
  });
});

describe('addresses that clients use', () => {
  test.each([
    ['https://kv.example.com', 'https://kv.example.com'],
    ['https://kv.example.com/', 'https://kv.example.com'],
    ['http://127.0.0.1:8480', 'http://127.0.0.1:8480'],
    ['https://example.com/behind/a/path/', 'https://example.com/behind/a/path'],
    ['unix:/run/kv.sock', 'unix:/run/kv.sock'],
  ])('%s is %s', (text, url) => {
    expect(OPTIONS.url.parse(text)).toBe(url);
  });

  test.each([
    '',
    'kv.example.com',
    'ftp://kv.example.com',
    'https:kv.example.com',
    'https://token@kv.example.com',
    'https://kv.example.com?a=b',
    'https://kv.example.com#a',
    'unix:kv.sock',
    'unix:/',
  ])('%j is none', text => {
    expect(OPTIONS.url.parse(text)).toBeUndefined();
  });
});

describe('accounts', () => {
  test('are 32 hexadecimal digits, kept in lower case', () => {
    expect(OPTIONS.account.parse('0123456789ABCDEF0123456789ABCDEF')).toBe('0123456789abcdef0123456789abcdef');
  });

  test.each(['', '0123456789abcdef', 'my-account'])('%j is none', text => {
    expect(OPTIONS.account.parse(text)).toBeUndefined();
  });
});

describe('ends of tokens', () => {
  test.each([
    ['30m', { after: 1_800 }],
    ['12h', { after: 43_200 }],
    ['30D', { after: 2_592_000 }],
    ['4w', { after: 2_419_200 }],
    ['36525d', { after: 3_155_760_000 }],
    ['2030-01-31', { at: 1_896_048_000 }],
    ['2030-01-31T12:00:00Z', { at: 1_896_091_200 }],
    ['2030-01-31T12:00+02:00', { at: 1_896_084_000 }],
    ['2020-01-01', { at: 1_577_836_800 }],
  ])('%s', (text, expires) => {
    expect(OPTIONS.expires.parse(text)).toEqual(expires);
  });

  test.each([
    '',
    '0d',
    '30',
    '30s',
    '1y',
    '-1d',
    '1.5d',
    '36526d',
    '2030',
    '2030-02',
    '2030-13-01',
    '2030-01-31T12:00',
  ])('%j is none', text => {
    expect(OPTIONS.expires.parse(text)).toBeUndefined();
  });
});

describe('tokens', () => {
  test.each(['sixteen-letters!', 'x'.repeat(200)])('%j is a token', token => {
    expect(OPTIONS.token.parse(token)).toBe(token);
  });

  test.each(['fifteen-letters', 'sixteen letters!', 'sixteen-letters\n', 'sechzehn-zeichen-ä'])('%j is none', token => {
    expect(OPTIONS.token.parse(token)).toBeUndefined();
  });
});

describe('conditions', () => {
  test('stand a line each, because they may hold commas', () => {
    expect(OPTIONS.where.parse('metadata.a=1,2\nmetadata.b')).toEqual(['metadata.a=1,2', 'metadata.b']);
    expect(OPTIONS.where.parse('')).toBeUndefined();
  });
});

describe('lifetimes and expirations of pairs', () => {
  test.each([
    ['60', 60],
    ['30m', 1_800],
    ['30d', 2_592_000],
  ])('%s is a lifetime of %d seconds', (text, seconds) => {
    expect(OPTIONS.ttl.parse(text)).toBe(seconds);
  });

  test.each(['', '-1', '1.5', '1s', '2030-01-31', '99999999999'])('%j is no lifetime', text => {
    expect(OPTIONS.ttl.parse(text)).toBeUndefined();
  });

  test.each([
    ['1896048000', 1_896_048_000],
    ['2030-01-31', 1_896_048_000],
  ])('%s is the second %d', (text, second) => {
    expect(OPTIONS.expiration.parse(text)).toBe(second);
  });

  test.each(['', '30d', 'never', '2030'.repeat(3)])('%j is no point in time', text => {
    expect(OPTIONS.expiration.parse(text)).toBeUndefined();
  });
});

describe('metadata', () => {
  test('is JSON, kept as it was written', () => {
    expect(OPTIONS.metadata.parse('{"a": 1.0}')).toBe('{"a": 1.0}');
  });

  test.each(['', '{', 'a', "{'a': 1}"])('%j is none', text => {
    expect(OPTIONS.metadata.parse(text)).toBeUndefined();
  });
});

describe('names of profiles', () => {
  test.each(['default', 'a.b_c-1', 'x'.repeat(64)])('%s is one', name => {
    expect(OPTIONS.profile.parse(name)).toBe(name);
  });

  test.each(['', 'a b', 'a/b', 'ä', 'x'.repeat(65)])('%j is none', name => {
    expect(OPTIONS.profile.parse(name)).toBeUndefined();
  });
});

test.each(options.filter(({ choices }) => choices !== undefined))(
  '$variable takes every one of its choices',
  option => {
    for (const choice of option.choices ?? []) expect(option.parse(choice)).toBe(choice);
  },
);
