/** Namespaces as property tests want them: with every kind of key, value, metadata and expiration. */
import fc from 'fast-check';
import type { PlainPair } from './commands.fixture.ts';

const IN_A_YEAR = Math.floor(Date.now() / 1_000) + 31_536_000;

const oddKey = fc.constantFrom(
  ...[
    '__proto__',
    'constructor',
    ' ',
    '\0',
    '\n',
    '\u007f',
    '\u2028',
    '\ufeff',
    '"',
    '\\',
    '%',
    '%2F',
    'a/b',
    '+',
    '?#',
  ],
  ...['é', '漢', '😀', '\ufffd', 'k'.repeat(512), '😀'.repeat(128), '"'.repeat(512), '\u0001'.repeat(512)],
);
const anyKey = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter(key => key !== '.' && key !== '..' && Buffer.byteLength(key) <= 512);

const value = fc.oneof(
  fc.constantFrom('', '\0', '{"a":"\\""}', '\ufffd', '\ufeffx', 'a\nb\r\n', ',]}[{"').map(text => Buffer.from(text)),
  fc.string({ unit: 'binary' }).map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
  fc.constantFrom('x', '\u0001', '\xff').map(character => Buffer.alloc(100_000, character, 'latin1')),
);
const metadata = fc.oneof(
  fc.constantFrom<unknown>(true, false, 0, -1.5e300, '', 'text', [], {}, [null], { a: { b: ['"', '\n'] } }),
  fc.jsonValue({ maxDepth: 2 }),
);

const pair: fc.Arbitrary<PlainPair> = fc
  .tuple(
    fc.oneof(oddKey, anyKey),
    value,
    fc.option(metadata, { nil: null }),
    fc.option(fc.nat(1_000_000), { nil: undefined }),
  )
  .filter(([, , described]) => Buffer.byteLength(JSON.stringify(described)) <= 1_024)
  .map(([key, bytes, described, after]) => ({
    key,
    value: bytes,
    // Null is none.
    ...(described !== null && { metadata: JSON.parse(JSON.stringify(described)) }),
    ...(after !== undefined && { expiration: IN_A_YEAR + after }),
  }));

export const pairs = fc.uniqueArray(pair, { maxLength: 20, selector: ({ key }) => key });
