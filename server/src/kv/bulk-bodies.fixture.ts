/** Bodies of bulk writes as property tests want them: oddly written, wild, broken. */
import fc from 'fast-check';
import { NOW } from './bulk-reader.fixture.ts';

const space = fc.constantFrom('', '', '', ' ', '\n', '\r\t ');

/** One or more characters as they stand between the quotes of a JSON string. */
const characters = fc.oneof(
  fc.constantFrom('a', 'b', ' ', 'é', '漢', '😀', '\u007f', '\u2028', 'a run of plain text to be moved'),
  fc.constantFrom('\\n', '\\"', '\\\\', '\\/', '\\u0000', '\\u00E9', '\\uffff', '\\uD83d\\uDE00', '\\ud83d', '\\ude00'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).map(character => JSON.stringify(character).slice(1, -1)),
);
const text = fc.array(characters, { maxLength: 8 }).map(parts => parts.join(''));
const string = text.map(inner => `"${inner}"`);
const number = fc.oneof(
  fc.constantFrom('0', '-0', '1.50', '1e3', '60', '59', '1E-2', '123456789012345678901'),
  fc.json(),
);
const json = fc.oneof(
  fc.json({ maxDepth: 2 }).filter(isShort),
  string,
  number,
  fc.constantFrom('null', '[ ]', '{"a" :{}}', '[[1 ,2]]'),
);

function isShort(metadata: string): boolean {
  return metadata.length < 250;
}

/** A member's name and the text of its value. */
type Member = readonly [name: string, value: string];

const expiry = fc.oneof(
  fc.integer({ min: 60, max: 2 ** 40 }).map((ttl): Member => ['expiration_ttl', `${ttl}`]),
  fc.integer({ min: 60, max: 2 ** 40 }).map((ttl): Member => ['expiration', `${(NOW + ttl) / 1000}e3`]),
  fc.constantFrom<Member>(['expiration_ttl', 'null'], ['expiration', '1700000060.0']),
);
const plainValue = string.map((value): Member[] => [['value', value]]);
const base64Value = fc.uint8Array({ maxLength: 20 }).map((bytes): Member[] => [
  ['value', `"${Buffer.from(bytes).toString('base64').replaceAll('/', '\\/').replace('A', '\\nA')}"`],
  ['base64', 'true'],
]);
const optional = fc.oneof(
  expiry,
  json.map((value): Member => ['metadata', value]),
  fc.tuple(fc.constantFrom('__proto__', 'Key', 'constructor', ''), json),
);
const knownName = fc.constantFrom('key', 'value', 'metadata', 'base64', 'expiration', 'expiration_ttl');

function memberText([name, value]: Member): fc.Arbitrary<string> {
  const escapedName = [...name].map(character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const names = fc.constantFrom(name, name, escapedName.join(''), name.replace('e', '\\u0065'));
  return fc.tuple(names, space, space).map(([shown, before, after]) => `"${shown}"${before}:${after}${value}`);
}

function objectText(members: readonly Member[]): fc.Arbitrary<string> {
  return fc
    .tuple(space, ...members.map(memberText))
    .map(([gap, ...texts]) => `{${gap}${texts.join(`${gap},${gap}`)}${gap}}`);
}

/** An item without fault: members that are overruled later on, then those that count, in any order. */
function itemText(key: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const overruled = fc.array(fc.tuple(fc.constantFrom('key', 'value'), json), { maxLength: 2 });
  const counting = fc
    .tuple(key, fc.oneof(plainValue, base64Value), fc.array(optional, { maxLength: 3 }))
    .map(([keyText, value, others]): Member[] => [['key', keyText], ...value, ...others])
    .chain(members => fc.shuffledSubarray(members, { minLength: members.length }));
  return fc.tuple(overruled, counting).chain(([first, last]) => objectText([...first, ...last]));
}

function bulkText(items: fc.Arbitrary<string[]>): fc.Arbitrary<string> {
  return fc.tuple(items, space).map(([texts, gap]) => `${gap}[${gap}${texts.join(`${gap},${gap}`)}${gap}]${gap}`);
}

/** Without fault, and without a key that comes twice. */
const distinctItems = fc
  .array(fc.nat(1), { maxLength: 5 })
  .chain(places => fc.tuple(...places.map((_, index) => itemText(text.map(inner => `"${index}${inner}"`)))));
export const goodBulk = bulkText(distinctItems);
export const notEmptyBulk = bulkText(fc.array(itemText(string), { minLength: 1, maxLength: 3 }));

// Few keys and values, so that items often name the same key, with the same contents or others.
const goodKeys = fc.constantFrom('"a"', '"\\u0061"', '"b"', '"c"');
const fewKeys = fc.oneof(
  { weight: 9, arbitrary: goodKeys },
  { weight: 1, arbitrary: fc.constantFrom('"."', '""', 'null') },
);
const fewValues = fc.constantFrom('"QQ=="', '"Q\\u0051=="', '"QQ="', '""', '" "', 'true', 'false', 'null', '60', '1');
const wildMember = fc.oneof(
  fc.tuple(fc.constant('key'), fewKeys),
  fc.tuple(fc.constant('value'), fewValues),
  fc.tuple(knownName, fc.oneof(fewValues, number, json)),
);
const wildItem = fc.oneof(
  { weight: 8, arbitrary: itemText(fewKeys) },
  { weight: 4, arbitrary: fc.array(wildMember, { maxLength: 6 }).chain(objectText) },
  {
    weight: 4,
    arbitrary: fc.tuple(goodKeys, fewValues, fewValues).chain(([key, value, base64]) =>
      objectText([
        ['key', key],
        ['value', value],
        ['base64', base64],
      ]),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(goodKeys, wildMember)
      .chain(([key, member]) => objectText([['key', key], ['value', '"v"'], member])),
  },
  { weight: 1, arbitrary: json },
);
export const wildBulk = bulkText(fc.array(wildItem, { maxLength: 4 }));

const bytesInserted = fc
  .oneof(
    fc.constantFrom(
      ...['"', '\\', ',', ':', '[', ']', '{', '}', '0', '-', '.', 'e', '\\u', '\\ud800', 'null', '=', '\n', '\0'],
    ),
    fc.constantFrom('\xff', '\x80', '\xe2', '\xed\xa0\x80', '\xef\xbb\xbf', '\xf0\x9f\x98\x80'),
  )
  .map(latin1 => Buffer.from(latin1, 'latin1'));

/** Bytes taken away at a place, and others put there. */
const mutation = fc.record({
  place: fc.nat(),
  removed: fc.oneof({ weight: 8, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(100) }),
  inserted: fc.oneof(
    bytesInserted,
    fc.uint8Array({ maxLength: 2 }),
    fc.constantFrom(Buffer.from('a'), Buffer.from(' ')),
  ),
});

const sameKeysBulk = bulkText(fc.array(itemText(goodKeys), { maxLength: 3 }));

export const brokenBulk = fc
  .tuple(fc.oneof(wildBulk, sameKeysBulk), fc.array(mutation, { minLength: 1, maxLength: 2 }))
  .map(([body, changes]) => {
    let bytes: Buffer = Buffer.from(body);
    for (const { place, removed, inserted } of changes) {
      const at = place % (bytes.length + 1);
      bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
    }
    return bytes;
  });
