import { expect, test } from 'vitest';
import { blocksOf, pageText, usePage } from './page.fixture.ts';

const page = usePage('curl', 'curl');

test('the commands of docs/data-api.md work as pasted, in one shell', async () => {
  const blocks = blocksOf(pageText('data-api')).filter(({ language }) => language === 'sh');
  const shown = await page.shell(page.here(`${blocks.map(({ code }) => code).join('')}\ncat pairs.ndjson`));
  expect(shown).not.toContain('"success":false');
  expect(shown.match(/"success":true/g)).toHaveLength(5);
  expect(shown).toContain('"result":{"written":3,"expired":1,"skipped":0,"unsuccessful_keys":[]}');
  expect(shown).toContain('"result":{"written":0,"expired":1,"skipped":3,"unsuccessful_keys":[]}');
  expect(shown).toContain('"user/1"\n"user/2"\n{"name":"user/1","metadata":{"customer": 42}}\n');
  expect(shown).toContain('"result":{"count":3}');
  expect(shown).toContain('"result":{"count":2}');
  expect(shown).toContain('"result":{"existed":true}');
  expect(shown).toContain(
    '{"done":true,"pairs":2,"skipped":0,"instants":1}\n{"done":true,"pairs":2}\n{"done":true,"pairs":2}\n',
  );
  const exported = shown.slice(shown.lastIndexOf('{"key":"user/1"'));
  expect(exported.split('\n')).toEqual([
    '{"key":"user/1","value":"Ann","metadata":{"customer": 42}}',
    '{"key":"user/2","value":"Ben","metadata":{"customer": 43}}',
    '{"key":"visit/1","value":"/w==","base64":true}',
    '',
  ]);
});
