import { expect, test } from 'vitest';
import { suiteChart } from './chart.ts';
import { FREEHOLD, type Measurement } from './measurement.ts';

function measured(contender: string, samples: readonly number[], work = '10 < 20'): Measurement {
  return { suite: 'bulk', work, contender, unit: 'ms', samples };
}

/** Contender → how long its bar is, which begins where the labels end. */
function bars(svg: string): Map<string, number> {
  const found = svg.matchAll(/class="label"[^>]*>([^<]*)<\/text><rect [^>]*width="([\d.]+)"/g);
  return new Map([...found].map(([, contender = '', width]) => [contender, Number(width)]));
}

test('bars are as long as the medians', () => {
  const svg = suiteChart('bulk', [measured(FREEHOLD, [10, 20, 30]), measured('peer', [40])]);
  expect(bars(svg).get('peer')).toBeCloseTo(2 * (bars(svg).get(FREEHOLD) ?? 0));
});

test('works that differ by little share a scale; others have one each, and the title says so', () => {
  const near = suiteChart('bulk', [measured(FREEHOLD, [10]), measured('peer', [50], 'other work')]);
  expect(bars(near).get('peer')).toBeCloseTo(5 * (bars(near).get(FREEHOLD) ?? 0));
  expect(near).not.toContain('its own scale');
  const far = suiteChart('bulk', [measured(FREEHOLD, [10]), measured('peer', [500], 'other work')]);
  expect(bars(far).get('peer')).toBe(bars(far).get(FREEHOLD));
  expect(far).toContain('its own scale');
});

test('a bar far longer than that of Freehold is cut, and its figure says how long it is', () => {
  const svg = suiteChart('bulk', [measured(FREEHOLD, [10]), measured('peer', [60]), measured('slow peer', [45_000])]);
  expect(bars(svg).get('slow peer')).toBe(bars(svg).get('peer'));
  expect(svg).toContain('>45,000<');
});

test('other units are left out', () => {
  const rate: Measurement = { ...measured('rate', [1]), unit: 'per second' };
  const svg = suiteChart('bulk', [measured(FREEHOLD, [10]), measured('peer', [10]), rate]);
  expect([...bars(svg).keys()]).toEqual([FREEHOLD, 'peer']);
});

test('text is escaped, and there are colours for dark ground', () => {
  const svg = suiteChart('bulk', [measured('a & b', [1])]);
  expect(svg).toContain('10 &#60; 20');
  expect(svg).toContain('a &#38; b');
  expect(svg).toContain('prefers-color-scheme: dark');
});
