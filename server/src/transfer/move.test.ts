import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/process.fixture.ts';
import { findShortfall } from './move.ts';
import { type Move, type MoveCounts, NOTHING_MOVED, type Reached, ResumeState } from './resume-state.ts';

function shortfall(counts: Partial<MoveCounts>, { before = 0, after }: { before?: number; after: number }) {
  return findShortfall({ place: '', before, counts: { ...NOTHING_MOVED, ...counts } }, after);
}

describe('the counts at the end', () => {
  test.each([
    ['an empty destination has what was written', { found: 5, written: 5 }, { after: 5 }],
    ['what had expired or was gone is a reason', { found: 5, written: 3, expired: 1, gone: 1 }, { after: 3 }],
    ['what expires may have done so meanwhile', { found: 5, written: 5, expiring: 2 }, { after: 3 }],
    ['a destination with pairs may have kept them', { found: 5, written: 5 }, { before: 4, after: 9 }],
    ['or had the same keys', { found: 5, written: 5 }, { before: 4, after: 5 }],
  ])('%s', (_, counts, ends) => {
    expect(shortfall(counts, ends)).toBeUndefined();
  });

  test.each([
    ['fewer than were written', { found: 5, written: 5 }, { after: 4 }, '4 pairs, and should have 5'],
    ['more than there can be', { found: 5, written: 5 }, { before: 1, after: 7 }, '7 pairs, and should have 5 to 6'],
    ['pairs without a fate', { found: 5, written: 4 }, { after: 4 }, '5 pairs were found, but 4 written'],
  ])('%s are told', (_, counts, ends, text) => {
    expect(shortfall(counts, ends)).toContain(text);
  });
});

describe('how far a move has come', () => {
  const move: Move = { command: 'pull', from: ['a', 'b'], to: ['c', 'd'] };
  const reached: Reached = { place: 'cursor', before: 1, counts: { ...NOTHING_MOVED, found: 3, written: 3 } };

  test('is read as it was written, from a file for its owner only, which goes when it is over', async () => {
    const directory = join(await temporaryDirectory(), 'states');
    const state = new ResumeState(directory, move);
    expect(await state.read()).toBeUndefined();
    await state.write({ ...reached, place: 'earlier' });
    await state.write(reached);
    expect(await new ResumeState(directory, move).read()).toEqual(reached);
    expect((await stat(state.path)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await state.remove();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is not that of another source, destination or direction', async () => {
    const directory = await temporaryDirectory();
    await new ResumeState(directory, move).write(reached);
    const others: Move[] = [
      { ...move, command: 'push' },
      { ...move, from: ['a'] },
      { ...move, to: ['c', 'e'] },
    ];
    for (const other of others) expect(await new ResumeState(directory, other).read()).toBeUndefined();
  });

  test.each(['', '{"place":"x"', '{"place":"x","before":0}', '{"place":"x","before":0,"counts":{"found":1}}'])(
    'is nothing where the file is %j',
    async text => {
      const state = new ResumeState(await temporaryDirectory(), move);
      await writeFile(state.path, text);
      expect(await state.read()).toBeUndefined();
    },
  );
});
