import { describe, expect, test } from 'vitest';
import { Progress, type ProgressOptions } from './progress.ts';

const ERASE = '\r\x1b[K';

function started({ isTTY = false, columns = 120, unit = 'bytes' as ProgressOptions['unit'] } = {}) {
  const written: string[] = [];
  const clock = { ms: 1_000_000 };
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return { written, clock, progress: new Progress({ label: 'backing up', unit, stream, now: () => clock.ms }) };
}

describe('in a pipe', () => {
  test('a short work is told of in one line, at its end', () => {
    const { written, clock, progress } = started();
    for (const done of [0, 500, 1_000]) {
      progress.report(done, 1_000);
      clock.ms += 1_000;
    }
    progress.end();
    expect(written).toEqual(['backing up: 1.0 kB in 3.0 s, 333 B/s\n']);
  });

  test('a long one in a line every ten seconds, with the rate and the time that is left', () => {
    const { written, clock, progress } = started();
    for (let second = 1; second <= 20; second++) {
      clock.ms += 1_000;
      progress.report(second * 5_000_000, 1_000_000_000);
    }
    expect(written).toEqual([
      'backing up: 5 %, 50 MB of 1.0 GB, 5.0 MB/s, 3 min 10 s left\n',
      'backing up: 10 %, 100 MB of 1.0 GB, 5.0 MB/s, 3 min 0 s left\n',
    ]);
  });

  test('where no total is known, what is done is counted', () => {
    const { written, clock, progress } = started({ unit: 'pairs' });
    clock.ms += 10_000;
    progress.report(1_234_567);
    progress.end();
    expect(written).toEqual([
      'backing up: 1,234,567 pairs, 123,457 pairs/s\n',
      'backing up: 1,234,567 pairs in 10 s, 123,457 pairs/s\n',
    ]);
  });

  test('nothing is told that would divide by nothing', () => {
    const { written, progress } = started();
    progress.report(0, 0);
    progress.end();
    expect(written).toEqual(['backing up: 0 B in 0.0 s\n']);
  });

  test('what stops before its end says nothing more', () => {
    const { written, progress } = started();
    progress.report(1, 2);
    progress.stop();
    expect(written).toEqual([]);
  });
});

describe('on a terminal', () => {
  test('a bar is drawn at once, and anew ten times a second at most', () => {
    const { written, clock, progress } = started({ isTTY: true });
    progress.report(0, 2_000);
    clock.ms += 99;
    progress.report(400, 2_000);
    clock.ms += 1;
    progress.report(500, 2_000);
    const empty = '.'.repeat(30);
    expect(written).toEqual([
      `${ERASE}[${empty}] backing up: 0 %, 0 B of 2.0 kB`,
      `${ERASE}[########${'.'.repeat(22)}] backing up: 25 %, 500 B of 2.0 kB, 5.0 kB/s, 0.3 s left`,
    ]);
  });

  test('the last line takes its place', () => {
    const { written, clock, progress } = started({ isTTY: true });
    progress.report(1, 1);
    clock.ms += 7_200_000 + 180_000;
    progress.end();
    expect(written.slice(1)).toEqual([ERASE, 'backing up: 1 B in 2 h 3 min, 0 B/s\n']);
  });

  test('what stops before its end leaves an empty line', () => {
    const { written, progress } = started({ isTTY: true });
    progress.report(1, 2);
    progress.stop();
    progress.stop();
    expect(written.slice(1)).toEqual([ERASE]);
  });

  test.each([10, 40, 60, 70, 100, 200])('no line is wider than %d columns', columns => {
    const { written, clock, progress } = started({ isTTY: true, columns });
    for (let step = 0; step <= 10; step++) {
      clock.ms += 100;
      progress.report(step * 1e11, 1e12);
    }
    expect(written).toHaveLength(11);
    const widths = written.map(text => text.slice(ERASE.length).length);
    expect(Math.max(...widths)).toBeLessThan(columns);
  });
});
