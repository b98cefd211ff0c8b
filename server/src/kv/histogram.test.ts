import { expect, it } from 'vitest';
import { addHistograms, histogramSlots, newSlots, SharedHistogram } from './histogram.ts';

const BOUNDS = [1, 2, 4];

function histogramOf(figures: readonly number[], slots = newSlots(histogramSlots(BOUNDS)), start = 0): SharedHistogram {
  const histogram = new SharedHistogram(BOUNDS, slots, start);
  for (const figure of figures) histogram.observe(figure);
  return histogram;
}

it('counts a figure in the first range that goes up to it, and in the last what lies above all', () => {
  const { bounds, counts, sum } = histogramOf([0, 1, 1.5, 2, 4, 4.5, 100]).read();
  expect({ bounds, counts, sum }).toEqual({ bounds: BOUNDS, counts: [2, 2, 1, 2], sum: 113 });
});

it('keeps to its own slots', () => {
  const slots = newSlots(3 * histogramSlots(BOUNDS));
  histogramOf([1, 3, 5], slots, histogramSlots(BOUNDS));
  expect([...slots]).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 1, 9, 0, 0, 0, 0, 0]);
});

it('is read by whoever has the memory', () => {
  const slots = newSlots(histogramSlots(BOUNDS));
  const reader = new SharedHistogram(BOUNDS, structuredClone(slots), 0);
  histogramOf([2, 3], slots);
  expect(reader.read()).toEqual({ bounds: BOUNDS, counts: [0, 1, 1, 0], sum: 5 });
});

it('is added range by range', () => {
  const sum = addHistograms(histogramOf([1, 2]).read(), histogramOf([2, 9]).read());
  expect(sum).toEqual({ bounds: BOUNDS, counts: [1, 2, 0, 1], sum: 14 });
});
