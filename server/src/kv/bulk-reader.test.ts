import { describe, expect, it } from 'vitest';
import { finish, wholeText } from './arriving-text.fixture.ts';
import { faultOf, NOW, type PlainPair, pair, read, utf8 } from './bulk-reader.fixture.ts';
import { readBulk } from './bulk-reader.ts';
import { LIMITS } from './limits.ts';

function readItems(...items: unknown[]): PlainPair[] {
  return read(JSON.stringify(items));
}

/** The one pair of a bulk whose item is this text. */
function readItem(item: string): PlainPair | undefined {
  const pairs = read(`[${item}]`);
  expect(pairs).toHaveLength(1);
  return pairs[0];
}

describe('a bulk', () => {
  it('is read in steps of about a mebibyte, or of an item where that is longer', () => {
    const steps = (...bytes: number[]) => {
      const items = bytes.map((count, index) => ({ key: `${index}`, value: 'x'.repeat(count) }));
      return [...readBulk(wholeText(JSON.stringify(items)), () => NOW)].length;
    };
    expect(steps(1_000_000)).toBe(0);
    expect(steps(5_000_000, 5_000_000)).toBe(2);
    expect(steps(...Array(40).fill(100_000))).toBe(3);
  });

  it('may be empty', () => {
    expect(read('[]')).toEqual([]);
    expect(read(' [ ] \r\n')).toEqual([]);
  });

  it('has key, value, metadata and expiry of each pair', () => {
    expect(
      readItems(
        { key: 'a', value: 'one' },
        { key: 'b', value: '', metadata: { m: [1] }, expiration: NOW + 60 },
        { key: 'c', value: 'QUJD', base64: true, expiration_ttl: 60 },
      ),
    ).toEqual([
      pair('a', 'one'),
      pair('b', '', { metadata: '{"m":[1]}', expiresAt: NOW + 60 }),
      pair('c', 'ABC', { expiresAt: NOW + 60 }),
    ]);
  });

  it('becomes the arena of its pairs', () => {
    const body = wholeText('[{"key":"k","value":"v"}]');
    const { buffer } = body.bytes;
    const { arena } = finish(readBulk(body, () => NOW));
    expect(arena.buffer).toBe(buffer);
    expect(arena.length).toBe(25);
  });
});

describe('members', () => {
  it('come in any order', () => {
    expect(readItem('{"base64":true,"expiration_ttl":60,"metadata":1,"value":"QQ==","key":"k"}')).toEqual(
      pair('k', 'A', { metadata: '1', expiresAt: NOW + 60 }),
    );
  });

  it('that are unknown are ignored, of whatever type', () => {
    const unknown = '"__proto__":{"key":"p"},"Key":"K","constructor":[[]],"values":"\\u0000","ke":null,"":0';
    expect(readItem(`{${unknown},"key":"k","value":"v",${unknown}}`)).toEqual(pair('k', 'v'));
  });

  it('that come twice count as they came last', () => {
    const first = '"key":"first\\n","value":"fi\\nrst","metadata":{"first":1},"base64":true,"expiration_ttl":1';
    const last = '"key":"last","value":"la\\nst","metadata":2,"base64":false,"expiration_ttl":60';
    expect(readItem(`{${first},${last}}`)).toEqual(pair('last', 'la\nst', { metadata: '2', expiresAt: NOW + 60 }));
    expect(readItem(`{${last},"metadata":null,"expiration_ttl":null}`)).toEqual(pair('last', 'la\nst'));
    expect(faultOf(`[{${last},"value":7}]`).parameters).toEqual({ member: 'value', expected: 'a string' });
  });

  it('may have names with escapes', () => {
    expect(readItem('{"\\u006bey":"k","v\\u0061lue":"v","\\u006d\\u0065tadata":0}')).toEqual(
      pair('k', 'v', { metadata: '0' }),
    );
  });

  it('of one item do not carry over to the next', () => {
    expect(
      readItems(
        { key: 'a', value: 'QQ==', base64: true, metadata: 1, expiration_ttl: 60 },
        { key: 'b', value: 'QQ==' },
      ),
    ).toEqual([pair('a', 'A', { metadata: '1', expiresAt: NOW + 60 }), pair('b', 'QQ==')]);
  });

  it('that are optional are absent where they are null', () => {
    const item = { key: 'k', value: 'v', base64: null, expiration: null, expiration_ttl: null, metadata: null };
    expect(readItems(item)).toEqual([pair('k', 'v')]);
  });
});

describe('text', () => {
  it('is stored as UTF-8, escaped or not', () => {
    const text = 'é漢😀\u0000\n"\\/';
    expect(readItems({ key: text, value: text })).toEqual([pair(utf8(text), utf8(text))]);
    expect(readItem('{"key":"\\u00e9\\ud83d\\ude00","value":"é😀"}')).toEqual(pair(utf8('é😀'), utf8('é😀')));
  });

  it('has U+FFFD for each surrogate that stands alone', () => {
    expect(readItem('{"key":"\\ud83d","value":"\\ude00\\ud83d-"}')).toEqual(
      pair(utf8('\ufffd'), utf8('\ufffd\ufffd-')),
    );
  });

  it('has U+FFFD for what is not UTF-8', () => {
    const body = Buffer.from('[{"key":"k\xff","value":"\xe2\x82\\n","metadata":"\xfe"}]', 'latin1');
    expect(read(body)).toEqual([pair(utf8('k\ufffd'), utf8('\ufffd\n'), { metadata: '"\ufffd"' })]);
  });

  it('of a key is data, not a URL', () => {
    expect(readItem('{"key":"a%2Fb+c?d#e/../f","value":""}')).toEqual(pair('a%2Fb+c?d#e/../f', ''));
  });
});

describe('metadata', () => {
  it.each(['12345678901234567890.10', '"\\u00e9\\/"', '{ "a" : [ 1 , 2.0e1 ] }', '[]', 'false', '"null"'])(
    'is kept as the text that was sent: %s',
    metadata => {
      expect(readItem(`{"metadata": ${metadata} ,"key":"k","value":"v"}`)).toEqual(pair('k', 'v', { metadata }));
    },
  );

  it('may have as many bytes as the limit, and no more', () => {
    const metadata = JSON.stringify('é'.repeat(511));
    expect(Buffer.byteLength(metadata)).toBe(LIMITS.metadataBytes);
    expect(readItem(`{"key":"k","value":"v","metadata":${metadata}}`)?.metadata).toBe(metadata);
    expect(faultOf(`[{"key":"k","value":"v","metadata":[${metadata}]}]`)).toEqual({
      name: 'metadataTooLarge',
      parameters: { bytes: 1026, limit: 1024 },
      item: { index: 0, key: 'k' },
    });
  });
});

describe('expiry', () => {
  it.each([
    ['"expiration":1700000060', NOW + 60],
    ['"expiration":1.70000006e9', NOW + 60],
    ['"expiration":1700000060.0', NOW + 60],
    ['"expiration_ttl":1e3', NOW + 1000],
    [`"expiration_ttl":60.${'0'.repeat(2_000)}`, NOW + 60],
    ['"expiration":1,"expiration_ttl":60', NOW + 60],
    ['"expiration":"x","expiration_ttl":60', NOW + 60],
    ['"expiration":9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('is taken from %s', (members, expiresAt) => {
    expect(readItem(`{"key":"k","value":"v",${members}}`)?.expiresAt).toBe(expiresAt);
  });

  it.each([
    ['"expiration":1699999999', 'expirationNotFuture', { expiration: '1699999999' }],
    ['"expiration":1700000059', 'expirationTooSoon', { expiration: NOW + 59, limit: 60 }],
    ['"expiration":1700000060.5', 'expirationNotFuture', { expiration: '1700000060.5' }],
    ['"expiration":9007199254740992', 'expirationNotFuture', { expiration: '9007199254740992' }],
    ['"expiration":"1700000060"', 'expirationNotFuture', { expiration: '1700000060' }],
    ['"expiration":true', 'expirationNotFuture', { expiration: 'true' }],
    ['"expiration":[ 1700000060 ]', 'expirationNotFuture', { expiration: '[1700000060]' }],
    ['"expiration_ttl":59', 'ttlTooShort', { ttl: 59, limit: 60 }],
    ['"expiration_ttl":0', 'ttlNotPositive', { ttl: '0' }],
    ['"expiration_ttl":-60', 'ttlNotPositive', { ttl: '-60' }],
    ['"expiration_ttl":60.5', 'ttlNotPositive', { ttl: '60.5' }],
    ['"expiration_ttl":"60"', 'ttlNotPositive', { ttl: '60' }],
    ['"expiration_ttl":1e999', 'ttlNotPositive', { ttl: 'null' }],
  ])('is refused for %s', (members, name, parameters) => {
    const item = { index: 0, key: 'k' };
    expect(faultOf(`[{"key":"k","value":"v",${members}}]`)).toEqual({ name, parameters, item });
  });

  it('is refused for a value nested too deep to be shown', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(faultOf(`[{"key":"k","value":"v","expiration":${deep}}]`).parameters).toEqual({
      expiration: '['.repeat(40),
    });
  });
});

describe('base64', () => {
  it('is decoded to bytes of any kind', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(readItems({ key: 'k', value: bytes.toString('base64'), base64: true })).toEqual([
      pair('k', bytes.toString('latin1')),
    ]);
  });

  it('is decoded after the escapes of JSON', () => {
    expect(readItem('{"key":"k","value":"\\u002b\\/+\\/\\r\\nQQ=\\u003d","base64":true}')?.value).toBe('\xfb\xff\xbfA');
  });

  it('is decoded whether the member stands before or after the value', () => {
    expect(readItem('{"base64":true,"key":"k","value":"QQ=="}')?.value).toBe('A');
    expect(readItem('{"value":"QQ==","key":"k","base64":true}')?.value).toBe('A');
  });

  it('is refused with the byte that does not belong, as counted without JSON escapes', () => {
    expect(faultOf('[{"key":"k","value":"\\u0051Q\\/=*","base64":true}]')).toEqual({
      name: 'base64Invalid',
      parameters: { key: 'k', byte: 4 },
      item: { index: 0, key: 'k' },
    });
  });
});

describe('duplicates', () => {
  it('that are identical count once', () => {
    const item = { key: 'k', value: 'ABC', metadata: { m: 1 }, expiration: NOW + 100 };
    const encoded = { key: 'k', value: 'QUJD', base64: true, metadata: { m: 1 }, expiration_ttl: 100 };
    expect(readItems(item, { key: 'other', value: '' }, encoded, item)).toEqual([
      pair('k', 'ABC', { metadata: '{"m":1}', expiresAt: NOW + 100 }),
      pair('other', ''),
    ]);
    expect(read('[{"key":"\\u006b","value":"v"},{"key":"k","value":"\\u0076","metadata":null}]')).toEqual([
      pair('k', 'v'),
    ]);
  });

  it.each([
    ['value', { value: 'w' }],
    ['length of the value', { value: 'vv' }],
    ['metadata', { metadata: 1 }],
    ['expiry', { expiration_ttl: 60 }],
  ])('with another %s are refused', (_, difference) => {
    const item = { key: 'k', value: 'v' };
    expect(faultOf(JSON.stringify([item, { key: 'j', value: 'v' }, { ...item, ...difference }]))).toEqual({
      name: 'duplicateKey',
      parameters: { key: 'k' },
      item: { index: 2, key: 'k' },
    });
  });

  it('of an item that is refused itself are no further fault', () => {
    const refused = { key: 'k', value: 'v', expiration_ttl: 1 };
    expect(faultOf(JSON.stringify([refused, { key: 'k', value: 'w' }])).name).toBe('ttlTooShort');
  });
});
