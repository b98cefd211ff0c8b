import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeText } from './arriving-text.fixture.ts';
import { JsonScanner } from './json-scanner.ts';

const RUNS = 2_000 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

/** What is wrong with the text as JSON, or undefined. */
function refusal(text: string | Uint8Array): string | undefined {
  const arrived = wholeText(text);
  const scanner = new JsonScanner(arrived);
  try {
    scanner.skipValue();
    scanner.skipEnd();
  } catch (error) {
    return (error as Error).message;
  }
  expect(Buffer.from(text).equals(arrived.bytes), 'skipping leaves the bytes alone').toBe(true);
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readString(json: string): string {
  const text = wholeText(` ${json} `);
  const scanner = new JsonScanner(text);
  scanner.peek();
  scanner.readString();
  scanner.skipEnd();
  return Buffer.from(text.bytes.subarray(scanner.stringStart, scanner.stringEnd)).toString();
}

describe('skipValue', () => {
  it.each([
    '0',
    '-0',
    '10',
    '1.50',
    '1e3',
    '1E+3',
    '-1.5e-300',
    '1e999',
    'true',
    'false',
    'null',
    '""',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\ud800"',
    '"\u007f\u2028é漢😀"',
    '[]',
    '{}',
    ' [ 1 , [ ] , { } ] \t\r\n',
    '{"a":{"b":[{"c":null}]},"":1}',
  ])('accepts %s', text => {
    expect(isJson(text)).toBe(true);
    expect(refusal(text)).toBeUndefined();
  });

  it.each([
    ['', 'unexpected end of JSON input'],
    [' \n', 'unexpected end of JSON input'],
    ['[1,', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['"abcdefgh\\', 'unexpected end of JSON input'],
    ['"\\u12', 'unexpected end of JSON input'],
    ['tru', 'unexpected end of JSON input'],
    ['-', 'unexpected end of JSON input'],
    ['1.', 'unexpected end of JSON input'],
    ['1e+', 'unexpected end of JSON input'],
    ['[1,]', "invalid character ']' at byte 3"],
    ['[,1]', "invalid character ',' at byte 1"],
    ['[1 2]', "invalid character '2' at byte 3"],
    ['[1}', "invalid character '}' at byte 2"],
    ['{"a":1]', "invalid character ']' at byte 6"],
    ['{"a":1,}', "invalid character '}' at byte 7"],
    ['{"a" 1}', "invalid character '1' at byte 5"],
    ['{a:1}', "invalid character 'a' at byte 1"],
    ["{'a':1}", "invalid character ''' at byte 1"],
    ['{1:1}', "invalid character '1' at byte 1"],
    ['01', "invalid character '1' at byte 1"],
    ['+1', "invalid character '+' at byte 0"],
    ['.5', "invalid character '.' at byte 0"],
    ['1.e3', "invalid character 'e' at byte 2"],
    ['0x10', "invalid character 'x' at byte 1"],
    ['--1', "invalid character '-' at byte 1"],
    ['NaN', "invalid character 'N' at byte 0"],
    ['nul1', "invalid character '1' at byte 3"],
    ['trUe', "invalid character 'U' at byte 2"],
    ['[] []', "invalid character '[' at byte 3"],
    ['1 // one', "invalid character '/' at byte 2"],
    ['"\\x41"', "invalid character 'x' at byte 2"],
    ['"\\u12G4"', "invalid character 'G' at byte 5"],
    ['"\\u"', "invalid character '\"' at byte 3"],
    ['"a\nb"', 'invalid character U+000A at byte 2'],
    ['"12345678901234567\u0000"', 'invalid character U+0000 at byte 18'],
    ['"1234567890123456\\n\u001f"', 'invalid character U+001F at byte 19'],
    ['[]\u0000', 'invalid character U+0000 at byte 2'],
    ['\ufeff[]', 'invalid character U+FEFF at byte 0'],
    ['[\u007f]', 'invalid character U+007F at byte 1'],
    ['[1,\u00a02]', 'invalid character U+00A0 at byte 3'],
    ['[\u000b1]', 'invalid character U+000B at byte 1'],
    ['["é",😀]', 'invalid character U+1F600 at byte 6'],
  ])('refuses %j: %s', (text, message) => {
    expect(isJson(text)).toBe(false);
    expect(refusal(text)).toBe(message);
  });

  it('finds a control character, quote or backslash at any place of a long string', () => {
    const plain = 'plain text ~ é 漢 \u007f';
    for (let before = 0; before < 24; before++) {
      for (const special of ['\u0000', '\u001f', '"', '\\']) {
        const text = `"${'x'.repeat(before)}${special}${plain}"`;
        expect(refusal(text)).toMatch(new RegExp(`^invalid character .* at byte ${special < ' ' ? before + 1 : ''}`));
      }
      expect(refusal(`"${'x'.repeat(before)}${plain}"`)).toBeUndefined();
    }
  });

  it.each([
    ['[', ']'],
    ['{"":', '}'],
    ['[[],{"a":', '}]'],
  ])('follows a million levels of %s without recursion', (open, close) => {
    const levels = 1_000_000;
    expect(refusal(open.repeat(levels))).toBe('unexpected end of JSON input');
    expect(refusal(`${open.repeat(levels)}0${close.repeat(levels)}`)).toBeUndefined();
  });

  it('tells objects and arrays apart at every level', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 70 }), fc.nat(69), (levels, swapped) => {
        const opens = levels.map(isObject => (isObject ? '{"a":' : '[')).join('');
        const closes = levels.map(isObject => (isObject ? '}' : ']')).reverse();
        expect(refusal(`${opens}1${closes.join('')}`)).toBeUndefined();
        const at = swapped % levels.length;
        closes[at] = closes[at] === '}' ? ']' : '}';
        expect(refusal(`${opens}1${closes.join('')}`)).toMatch(/^invalid character/);
      }),
    );
  });

  const token = fc.oneof(
    fc.constantFrom(...'[]{},:"\\ \n-+.eE019tfn'),
    fc.constantFrom('"a"', 'true', 'null', '1.5', '\\u00e9', '{"a":', '[1,2]', '\u0001', 'é'),
  );
  const soup = fc.array(token, { maxLength: 12 }).map(tokens => tokens.join(''));
  const spoiled = fc.tuple(fc.json(), fc.nat(), fc.nat(2), token).map(([json, at, removed, inserted]) => {
    const position = at % (json.length + 1);
    return json.slice(0, position) + inserted + json.slice(position + removed);
  });

  it('accepts and refuses what JSON.parse does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), soup, spoiled), text => {
        expect(refusal(text) === undefined).toBe(isJson(text.toWellFormed()));
      }),
      { numRuns: RUNS },
    );
  });

  it('names the first byte behind which no text could be JSON any more', () => {
    fc.assert(
      fc.property(fc.oneof(soup, spoiled), text => {
        const at = /at byte (\d+)$/.exec(refusal(text) ?? '')?.[1];
        if (at === undefined) return;
        const before = Buffer.from(text).subarray(0, Number(at));
        expect([undefined, 'unexpected end of JSON input']).toContain(refusal(before));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('readString', () => {
  it.each([
    ['"plain"', 'plain'],
    ['"\\u0041\\u00e9\\u6f22\\ud83d\\ude00"', 'Aé漢😀'],
    ['"\\uD83D\\uDE00 \\ud83D\\udE00"', '😀 😀'],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"\\u0000"', '\0'],
    [
      '"\\n and a run of bytes that is moved at once, and a last \\n"',
      '\n and a run of bytes that is moved at once, and a last \n',
    ],
    ['"\\ud83d"', '\ufffd'],
    ['"\\ude00"', '\ufffd'],
    ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
    ['"\\ud83d\\ud83d\\ude00"', '\ufffd😀'],
    ['"\\ud83dx\\ude00"', '\ufffdx\ufffd'],
    ['"\\ud83d\\n"', '\ufffd\n'],
    ['"\\ud83d\\u0041"', '\ufffdA'],
    ['"\\u007f\\u0080\\u07ff\\u0800"', '\u007f\u0080\u07ff\u0800'],
    ['"\\ud7ff\\ue000\\uffff"', '\ud7ff\ue000\uffff'],
  ])('decodes %s', (json, text) => {
    expect(readString(json)).toBe(text);
  });

  it.each(['"\\ud83d\\u12"', '"\\ud83d\\q"', '"\\n\u0001"', '"\\n', '"\\n0123456789abcdefghij\u0001"'])(
    'refuses %j',
    json => {
      expect(() => readString(json)).toThrow();
    },
  );

  it('decodes every text, however it is escaped', () => {
    const unit = fc.oneof(
      fc.constantFrom(...'"\\/\b\n\u0000\u001f\u007f', 'é', '漢', '😀', '\ud83d', '\ude00'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constant('a run of plain bytes'),
    );
    const parts = fc.array(fc.tuple(unit, fc.boolean()), { maxLength: 20 });
    fc.assert(
      fc.property(parts, units => {
        const json = `"${units.map(([text, escapes]) => (escapes ? escaped(text) : JSON.stringify(text).slice(1, -1))).join('')}"`;
        expect(readString(json)).toBe(Buffer.from(JSON.parse(json)).toString());
      }),
      { numRuns: RUNS },
    );
  });
});

function escaped(text: string): string {
  return text.replace(/[\s\S]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
