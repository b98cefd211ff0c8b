/** The pages about errors and limits say what the tables in the code say, and nothing more. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SQLITE } from '../server/src/engine/sqlite/constants.ts';
import { ERRORS, type ErrorRow } from '../server/src/kv/errors.ts';
import { LIMITS } from '../server/src/kv/limits.ts';

const ROOT = new URL('../', import.meta.url);
const PAGES = readdirSync(new URL('docs/', ROOT)).flatMap(name => (name.endsWith('.md') ? [`docs/${name}`] : []));

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

test('docs/upgrade.md has every layout of the database, up to the one that is written', () => {
  const { schemaVersion } = SQLITE;
  const versions = Array.from({ length: schemaVersion }, (_, index) => `${index + 1}`);
  expect(tableOf('upgrade.md').map(([version]) => version)).toEqual(versions);
  expect(pageText('docs/upgrade.md')).toContain(`This release writes version ${schemaVersion}.`);
});

test.each(['README.md', 'SECURITY.md', ...PAGES])('what %s links to is there', page => {
  const targets = [...pageText(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)/g)];
  for (const [, path = '', heading] of targets) {
    const target = new URL(path, new URL(page, ROOT));
    expect([path, existsSync(target)]).toEqual([path, true]);
    if (heading !== undefined)
      expect(headingsOf(readFileSync(path === '' ? new URL(page, ROOT) : target, 'utf8'))).toContain(heading);
  }
});

test('the tests that SECURITY.md names are there', () => {
  const names = [...pageText('SECURITY.md').matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter(name => !existsSync(new URL(name, ROOT)))).toEqual([]);
});

/** As the anchors of links name them. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

function pageText(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

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
