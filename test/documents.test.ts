/** The pages about errors and limits say what the tables in the code say, and nothing more. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERRORS, type ErrorRow } from '../server/src/kv/errors.ts';
import { LIMITS } from '../server/src/kv/limits.ts';

/** The cells of the one table of a page, without its head. */
function tableOf(page: string): string[][] {
  const text = readFileSync(new URL(`../docs/${page}`, import.meta.url), 'utf8');
  const rows = text.split('\n').filter(line => line.startsWith('|'));
  return rows.slice(2).map(row =>
    row
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
}

test('docs/errors.md has every error, with its code, status, text and when it happens', () => {
  const rows = Object.values<ErrorRow>(ERRORS).map(({ code, status, text, chain, when }) => {
    const chained = chain === undefined ? '' : `, and in \`error_chain\` ${chain.code} \`${chain.message}\``;
    return [`${code}`, `${status}`, `\`${text}\`${chained}`, when];
  });
  expect(tableOf('errors.md')).toEqual(rows);
});

test('docs/limits.md has every limit in order, with its figure and a sentence', () => {
  const limits = Object.entries(LIMITS).map(([name, figure]) => [`\`${name}\``, shown(name, figure)]);
  const table = tableOf('limits.md');
  expect(table.map(([name, figure]) => [name, figure])).toEqual(limits);
  for (const [, , meaning] of table) expect(meaning).toMatch(/^[A-Z].*\.$/);
});

/** A figure in the unit that its limit's name ends with. */
function shown(name: string, figure: number): string {
  if (name.endsWith('Bytes')) return shownBytes(figure);
  if (name.endsWith('Ms')) return shownMs(figure);
  return /Seconds/.test(name) ? `${grouped(figure)} seconds` : grouped(figure);
}

function shownBytes(bytes: number): string {
  const exact = `${grouped(bytes)} bytes`;
  const units = { MiB: 1_048_576, MB: 1_000_000, KiB: 1_024 };
  const unit = Object.entries(units).find(([, size]) => bytes >= size && bytes % size === 0);
  return unit === undefined ? exact : `${bytes / unit[1]} ${unit[0]} (${exact})`;
}

function shownMs(ms: number): string {
  const [count, unit] = ms % 60_000 === 0 ? [ms / 60_000, 'minute'] : [ms / 1000, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function grouped(figure: number): string {
  return figure.toLocaleString('en-GB');
}
