import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnsafe, shown, shownGiven } from './shown.ts';

test('a text is shown as JSON that stands for it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(JSON.parse(shown(text))).toBe(text);
    }),
  );
});

test.each([
  ['an escape sequence', '\x1b[31m', '"\\u001b[31m"'],
  ['an escape sequence of one character', '\x9b31m', '"\\u009b31m"'],
  ['delete', '\x7f', '"\\u007f"'],
  ['line breaks of Unicode', '\u2028\u2029\x85', '"\\u2028\\u2029\\u0085"'],
  ['the order of writing', 'a\u202eb\u2066c', '"a\\u202eb\\u2066c"'],
])('%s does not reach the terminal', (_, text, json) => {
  expect(isUnsafe(text)).toBe(true);
  expect(shown(text)).toBe(json);
});

test.each(['', 'plain', 'Grüße', '"quoted"', '👩‍👩‍👧'])('%j is not unsafe', text => {
  expect(isUnsafe(text)).toBe(false);
});

test.each([
  ['https://user:pass@host/path', '"https://…@host/path"'],
  ['http://user@host', '"http://…@host"'],
  ['https://a:b@c@host', '"https://…@host"'],
  ['https://host/a@b', '"https://host/a@b"'],
  ['user@host', '"user@host"'],
])('of what was given as %j a password is not shown', (text, json) => {
  expect(shownGiven(text)).toBe(json);
});
