/** docs/operations.md, the dashboard and the alerts speak of what there is, and of all of it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECKS } from '../server/src/doctor/checks.ts';
import { type Family, METRICS } from '../server/src/http/metrics/families.ts';
import { Scrape } from './rest/scrape.fixture.ts';
import { serveForTests } from './rest/server.fixture.ts';

const server = serveForTests();

const ALERTS = read('deploy/prometheus/alerts.yml');
const DASHBOARD = read('deploy/grafana/freehold.json');
const PAGE = read('docs/operations.md');

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

/** The cells of the table under a heading of the page, without its head. */
function tableUnder(heading: string): string[][] {
  const section = PAGE.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter(line => line.startsWith('|'));
  return rows.slice(2).map(row =>
    row
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Of all series that a text asks for. */
function metricsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/\b(?:freehold|process)_[a-z0-9_]+/g)].map(([name]) => name));
}

test('the page has every metric, with its type, its labels and what it means', () => {
  const rows = Object.entries<Family>(METRICS).map(([name, { type, labels = [], help }]) => {
    return [code(name), type, labels.map(code).join(', '), help];
  });
  expect(tableUnder('Metrics')).toEqual(rows);
});

test('the page has every check of /readyz, in order', async () => {
  const { checks } = (await server.client.sendBare('GET', '/readyz')).json as unknown as { checks: { name: string }[] };
  expect(tableUnder('Health and readiness').map(([name]) => name)).toEqual(checks.map(({ name }) => code(name)));
});

test('the page has every check of the doctor, in order', () => {
  expect(tableUnder('freehold doctor').map(([name]) => name)).toEqual(CHECKS.map(({ name }) => code(name)));
});

test('the page has every alert, with its severity', () => {
  const alerts = [...ALERTS.matchAll(/- alert: (\w+)$.*?severity: (\w+)$/gms)];
  expect(tableUnder('Alerts').map(row => row.slice(0, 2))).toEqual(
    alerts.map(([, name = '', severity = '']) => [code(name), severity]),
  );
});

test('alerts and dashboard ask for nothing but what a scrape tells', async () => {
  const { names } = await Scrape.until(server.client, scrape =>
    scrape.names.has('freehold_http_request_duration_seconds_bucket'),
  );
  const asked = [...metricsIn(ALERTS), ...metricsIn(DASHBOARD)];
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter(name => !names.has(name))).toEqual([]);
});

test('the dashboard shows every metric', () => {
  const shown = [...metricsIn(DASHBOARD)].map(name => name.replace(/_(?:bucket|sum|count)$/, ''));
  expect([...new Set(shown)].toSorted()).toEqual(Object.keys(METRICS).toSorted());
});

test('the panels of the dashboard lie beside each other, each with an id of its own', () => {
  interface Panel {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  }
  const { panels } = JSON.parse(DASHBOARD) as { panels: Panel[] };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const overlapping = panels.filter(({ id, gridPos: a }) =>
    panels.some(({ id: other, gridPos: b }) => {
      return other > id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    }),
  );
  expect(overlapping).toEqual([]);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});
