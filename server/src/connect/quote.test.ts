import { execFileSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { capnpString, hclString, jsString, shellWord } from './quote.ts';

const AWKWARD = `it's "$HOME" \`id\` \\n \${x} %{y} \n\t\u0000\u0085\u2028 größe 👩‍🚀 ;&|<>*?#~!`;

describe('a literal is read back as the text that it stands for', () => {
  test.each(['plain', '', 'a b', '-', "'", "''", AWKWARD.replace('\0', '')])('by a shell: %j', text => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
  });

  test.each(['plain', '', "it's", '\\', AWKWARD])('by JavaScript: %j', text => {
    expect(runInNewContext(jsString(text))).toBe(text);
  });
});

test.each([
  ['http://127.0.0.1:8480/client/v4', '"http://127.0.0.1:8480/client/v4"'],
  ['a "b" \\c', '"a \\"b\\" \\\\c"'],
  [`\${x} %{if} $5 50%`, `"$\${x} %%{if} $5 50%"`],
])('HCL has %j as %s', (text, literal) => {
  expect(hclString(text)).toBe(literal);
});

test.each([
  ['unix:/run/freehold.sock', '"unix:/run/freehold.sock"'],
  ['a "b" \\c größe', '"a \\"b\\" \\\\c größe"'],
  ['\n\u0085', '"\\x0a\\xc2\\x85"'],
])("Cap'n Proto has %j as %s", (text, literal) => {
  expect(capnpString(text)).toBe(literal);
});
