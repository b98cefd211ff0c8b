import { describe, expect, it } from 'vitest';
import { faultOf, pair, read, refusal, utf8 } from './bulk-reader.fixture.ts';
import { faultText } from './fault-text.ts';
import { LIMITS } from './limits.ts';

const bad = { key: '.', value: 'v' };
const good = { key: 'good', value: 'v' };

function textOf(body: string): string {
  return faultText(faultOf(body), 'bulk put');
}

describe('a body that is not a JSON array', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['[{"key":"k","value":"v"}', 'unexpected end of JSON input'],
    ['[{"key":"k","value":"v"},]', "invalid character ']' at byte 25"],
    ['[{"key":"k","value":"v",}]', "invalid character '}' at byte 24"],
    ['[{"key":"k","value":"v"}]]', "invalid character ']' at byte 25"],
    ['[{"key" "k","value":"v"}]', "invalid character '\"' at byte 8"],
    ['[{"key":"k","value":"v\n"}]', 'invalid character U+000A at byte 22'],
    ['[{"key":"k","value":"\\\\v\\x"}]', "invalid character 'x' at byte 25"],
    ['[{"key":"k","value":"v"} {}]', "invalid character '{' at byte 25"],
    ['[{key:"k"}]', "invalid character 'k' at byte 2"],
    ['\ufeff[]', 'invalid character U+FEFF at byte 0'],
    ['{"key":"k","value":"v"}', 'not an array'],
    ['"[]"', 'not an array'],
    [' 1 ', 'not an array'],
    ['null', 'not an array'],
    ['{} x', "invalid character 'x' at byte 3"],
  ])('is refused: %j, %s', (body, detail) => {
    expect(faultOf(body)).toEqual({ name: 'pairsMalformed', parameters: { detail } });
  });

  it('is refused for that before any fault of an item', () => {
    expect(refusal(`${JSON.stringify([bad, bad])}]`).faults).toEqual([
      { name: 'pairsMalformed', parameters: { detail: expect.stringContaining('invalid character') } },
    ]);
    expect(faultOf(`[${'{},'.repeat(10_001)}`).name).toBe('pairsMalformed');
  });

  it('is refused however deep it nests', () => {
    for (const open of ['[', '[{"a":', '[{"key":', '[{"metadata":{"a":']) {
      expect(faultOf(open + '['.repeat(3_000_000)).parameters).toEqual({ detail: 'unexpected end of JSON input' });
    }
  });
});

describe('an item', () => {
  it.each(['1', 'null', '"key"', '[]', '[{"key":"k","value":"v"}]', 'true'])(
    'that is no object is refused: %s',
    item => {
      expect(faultOf(`[${item}]`)).toEqual({
        name: 'memberInvalid',
        parameters: { member: 'item', expected: 'an object' },
        item: { index: 0 },
      });
    },
  );

  it.each([
    ['{}', 'key', 'a string'],
    ['{"value":"v"}', 'key', 'a string'],
    ['{"key":1,"value":"v"}', 'key', 'a string'],
    ['{"key":null,"value":"v"}', 'key', 'a string'],
    ['{"key":"k"}', 'value', 'a string'],
    ['{"key":"k","value":1}', 'value', 'a string'],
    ['{"key":"k","value":null}', 'value', 'a string'],
    ['{"key":"k","value":{"a":"b"}}', 'value', 'a string'],
    ['{"key":"k","value":"v","base64":"true"}', 'base64', 'a boolean'],
    ['{"key":"k","value":"v","base64":1}', 'base64', 'a boolean'],
  ])('with a member missing or of the wrong type is refused: %s', (item, member, expected) => {
    const fault = faultOf(`[${item}]`);
    expect(fault).toMatchObject({ name: 'memberInvalid', parameters: { member, expected } });
    expect(faultText(fault, 'bulk put')).toContain(`bulk put: '${member} must be ${expected}' (item 0`);
  });

  it('with several faults is refused for the first', () => {
    const members = {
      metadata: 'm'.repeat(2_000),
      value: '*',
      expiration_ttl: 1,
      base64: 1,
      key: '..',
    };
    const order: unknown[] = [members];
    const better = [{ key: 'k' }, { base64: true }, { expiration_ttl: 60 }, { metadata: 'm' }, { value: 'QQ==' }];
    for (const member of better) order.push({ ...(order.at(-1) as object), ...member });
    const names = order.slice(0, -1).map(item => faultOf(JSON.stringify([item])).name);
    expect(names).toEqual(['keyIllegal', 'memberInvalid', 'ttlTooShort', 'metadataTooLarge', 'base64Invalid']);
    expect(read(JSON.stringify([order.at(-1)]))).toHaveLength(1);
  });
});

describe('a key', () => {
  it.each([
    ['', 'keyEmpty'],
    ['.', 'keyIllegal'],
    ['..', 'keyIllegal'],
    ['\\u002e', 'keyIllegal'],
  ])('%j is refused', (key, name) => {
    expect(faultOf(`[{"key":"${key}","value":"v"}]`)).toMatchObject({ name, item: { index: 0 } });
  });

  it.each(['...', '. ', 'k', '\u0000', '\u007f', '/'])('%j is fine', key => {
    expect(read(JSON.stringify([{ key, value: 'v' }]))).toEqual([pair(utf8(key), 'v')]);
  });

  it('may have as many bytes of UTF-8 as the limit, and no more', () => {
    const key = '😀'.repeat(128);
    expect(read(JSON.stringify([{ key, value: '' }]))).toEqual([pair(utf8(key), '')]);
    expect(faultOf(JSON.stringify([{ key: `${key}k`, value: '' }]))).toMatchObject({
      name: 'keyTooLong',
      parameters: { bytes: 513, limit: 512 },
    });
  });

  it('that is very long is cut in the text of the error', () => {
    const key = 'k'.repeat(3_000_000);
    expect(textOf(JSON.stringify([{ key, value: '' }]))).toBe(
      `bulk put: 'UTF-8 encoded length of 3000000 exceeds key length limit of 512.' (item 0, key "${'k'.repeat(64)}…")`,
    );
    const long = 'k'.repeat(500);
    expect(textOf(JSON.stringify([{ key: long, value: '*', base64: true }])).length).toBeLessThan(300);
    expect(textOf(JSON.stringify([good, { key: long, value: '' }, { key: long, value: 'x' }])).length).toBeLessThan(
      300,
    );
  });
});

describe('faults', () => {
  it('of all items are found, with their index and key', () => {
    const error = refusal(
      `[{"key":".","value":""},{"key":"\\u006b","value":"v"},{"value":""},7,{"key":"k","value":"w"},{"key":"","value":""}]`,
    );
    expect(error.faults.map(({ name, item }) => [name, item])).toStrictEqual([
      ['keyIllegal', { index: 0, key: '.' }],
      ['memberInvalid', { index: 2 }],
      ['memberInvalid', { index: 3 }],
      ['duplicateKey', { index: 4, key: 'k' }],
      ['keyEmpty', { index: 5, key: '' }],
    ]);
    expect(error.faultCount).toBe(5);
  });

  it('past the first few are only counted', () => {
    const error = refusal(JSON.stringify([good, ...Array.from({ length: 5_000 }, () => bad), good]));
    expect(error.faults.map(({ item }) => item?.index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(error.faultCount).toBe(5_000);
  });
});

describe('the number of pairs', () => {
  function keys(count: number): unknown[] {
    return Array.from({ length: count }, (_, number) => ({ key: `k${number}`, value: '' }));
  }

  it('may be the limit', () => {
    expect(read(JSON.stringify(keys(LIMITS.bulkPutPairs)))).toHaveLength(10_000);
  });

  it('may not be more, even of identical pairs', () => {
    const fault = { name: 'tooManyPairs', parameters: { limit: 10_000, count: 10_001 } };
    expect(faultOf(JSON.stringify(keys(10_001)))).toEqual(fault);
    expect(faultOf(JSON.stringify(Array.from({ length: 10_001 }, () => good)))).toEqual(fault);
  });

  it('is refused before any fault of an item', () => {
    expect(faultOf(`[${'{},'.repeat(10_000)}0]`).name).toBe('tooManyPairs');
  });

  it('is counted to the end, whatever the items are', () => {
    for (const item of ['0', '{}', '[[]]', '""', '{"key":"k","value":""}']) {
      const count = 500_000;
      expect(faultOf(`[${`${item},`.repeat(count - 1)}${item}]`).parameters).toEqual({ limit: 10_000, count });
    }
  });
});

describe('the size of a value', () => {
  const limit = LIMITS.valueBytes;
  const body = (value: string, rest = '') => Buffer.from(`[{"key":"k","value":"${value}"${rest}}]`);

  function sizeOf(bytes: Uint8Array): number | undefined {
    return read(bytes)[0]?.value.length;
  }

  it('may be the limit, counted in stored bytes', () => {
    expect(sizeOf(body('v'.repeat(limit)))).toBe(limit);
    expect(sizeOf(body('\\u0076'.repeat(1_000) + 'v'.repeat(limit - 1_000)))).toBe(limit);
    expect(sizeOf(body(Buffer.alloc(limit).toString('base64'), ',"base64":true'))).toBe(limit);
  });

  it.each([
    ['plain', body('v'.repeat(limit + 1))],
    ['in UTF-8', body(`${'é'.repeat(limit / 2)}\\n`)],
    ['base64', body(Buffer.alloc(limit + 1).toString('base64'), ',"base64":true')],
  ])('may not be a byte more: %s', (_, bytes) => {
    expect(faultOf(bytes)).toEqual({
      name: 'valueTooLarge',
      parameters: { bytes: limit + 1, limit },
      item: { index: 0, key: 'k' },
    });
  });

  it('says where 25 MiB of base64 go wrong at their end', () => {
    const text = Buffer.alloc(limit).toString('base64').replace(/=+$/, '');
    expect(faultOf(body(text, ',"base64":true'))).toMatchObject({
      name: 'base64Invalid',
      parameters: { byte: text.length - (text.length % 4) },
    });
  });
});
