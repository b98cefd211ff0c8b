import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePage } from './listed-page.ts';

const space = fc.constantFrom('', ' ', '\n\t');
const number = fc.constantFrom('123456789012345678901234567890', '1.0', '-0', '1e3');
const metadata = fc.oneof(
  number,
  fc.json(),
  number.map(digits => `{"a": [${digits} ,{}]}`),
);

interface Row {
  readonly name: string;
  readonly expiration: number | undefined;
  readonly metadata: string | undefined;
}

const row: fc.Arbitrary<Row> = fc.record({
  name: fc.string({ unit: 'binary' }),
  expiration: fc.option(fc.nat(), { nil: undefined }),
  metadata: fc.option(metadata, { nil: undefined }),
});

function rowText({ name, expiration, metadata: described }: Row): string {
  const members = [
    described !== undefined && `"metadata":${described}`,
    `"name":${JSON.stringify(name)}`,
    expiration !== undefined && `"expiration":${expiration}`,
  ];
  return `{${members.filter(Boolean).join(' , ')}}`;
}

test('metadata comes as the text that it is', () => {
  fc.assert(
    fc.property(fc.array(row), space, fc.string({ minLength: 1 }), (rows, gap, cursor) => {
      const info = `"result_info":{"result":[{"metadata":1}],"cursor":${JSON.stringify(cursor)}}`;
      const body = `{${info},"result":${gap}[${gap}${rows.map(rowText).join(`${gap},`)}${gap}],"success":true}`;
      const keys = rows.map(({ name, expiration, metadata: described }) => ({
        name,
        ...(expiration !== undefined && { expiration }),
        ...(described !== undefined && described !== 'null' && { metadata: described }),
      }));
      expect(parsePage(Buffer.from(body))).toEqual({ keys, cursor });
    }),
  );
});

test('an empty cursor is none', () => {
  expect(parsePage(Buffer.from('{"success":true,"result":[],"result_info":{"cursor":""}}'))).toEqual({ keys: [] });
});

test.each(['', '[]', '{"success":true}', '{"success":false,"result":[]}', '{"success":true,"result":[{"name":1}]}'])(
  '%j is no page of keys',
  text => {
    expect(parsePage(Buffer.from(text))).toBeUndefined();
  },
);
