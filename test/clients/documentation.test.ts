/** The pages of docs/clients/ are made of the texts that `freehold connect` prints. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RECIPES } from '../../server/src/connect/recipes.ts';
import { CLIENTS } from '../../server/src/options.ts';
import { blocksOf, DOCUMENTED, pageText } from './page.fixture.ts';

const LANGUAGES: Readonly<Record<(typeof CLIENTS)[number], string>> = {
  workerd: 'capnp',
  miniflare: 'js',
  wrangler: 'sh',
  sdk: 'js',
  node: 'js',
  terraform: 'hcl',
  curl: 'sh',
};

describe.each(CLIENTS)('the page of %s', client => {
  const page = pageText(`clients/${client}`);
  const codes = blocksOf(page).filter(({ language }) => language === LANGUAGES[client]);

  test('begins with the command, and with what it prints, word for word', () => {
    const [command] = blocksOf(page);
    expect(command?.code).toMatch(new RegExp(`^freehold connect sessions --for ${client}( > \\S+)?\n$`));
    const printed = RECIPES[client].text(DOCUMENTED);
    expect(codes.find(({ code }) => code !== command?.code)?.code).toBe(printed);
  });

  test('is in the index, under its name', () => {
    const rows = pageText('clients').split('\n');
    expect(
      rows.filter(row => row.startsWith(`| \`${client}\` |`) && row.includes(`(clients/${client}.md)`)),
    ).toHaveLength(1);
  });
});

test('workerd with TLS is what is printed for an https URL', () => {
  const printed = RECIPES.workerd.text({ ...DOCUMENTED, url: 'https://kv.example.com' });
  const shown = blocksOf(pageText('clients/workerd')).find(({ code }) => code.includes('https'));
  expect(printed.endsWith(`\n${shown?.code}`)).toBe(true);
});

test('every page is of a client, or of unstorage', () => {
  const pages = readdirSync(new URL('../../docs/clients/', import.meta.url));
  expect(pages.toSorted()).toEqual([...CLIENTS, 'unstorage'].map(name => `${name}.md`).toSorted());
});

test('links lead to pages, and to headings that they have', () => {
  for (const from of ['clients', ...[...CLIENTS, 'unstorage'].map(name => `clients/${name}`)]) {
    for (const [, to = '', heading] of pageText(from).matchAll(/\]\((?!https?:)([\w/-]+)\.md(?:#([\w-]+))?\)/g)) {
      const page = pageText(from === 'clients' ? to : `clients/${to}`);
      const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchor(title));
      expect(headings).toContain(heading ?? headings[0]);
    }
  }
});

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
