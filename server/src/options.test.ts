import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPTIONS, type Option } from './options.ts';

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
  const flag = option.flag === undefined ? 'none' : `\`${option.flag} ${option.placeholder}\``;
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

describe('tokens', () => {
  test.each(['sixteen-letters!', 'x'.repeat(200)])('%j is a token', token => {
    expect(OPTIONS.token.parse(token)).toBe(token);
  });

  test.each(['fifteen-letters', 'sixteen letters!', 'sixteen-letters\n', 'sechzehn-zeichen-ä'])('%j is none', token => {
    expect(OPTIONS.token.parse(token)).toBeUndefined();
  });
});
