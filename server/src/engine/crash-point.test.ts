import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const MODULE = new URL('./crash-point.ts', import.meta.url).href;

function passThrice(environment: Readonly<Record<string, string>>) {
  const script = `
    import { crashPoint } from ${JSON.stringify(MODULE)};
    for (const time of [1, 2, 3]) {
      crashPoint('before-commit');
      console.log(time);
    }`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...environment },
    encoding: 'utf8',
  });
  return { signal, passed: stdout.split('\n').filter(Boolean).length };
}

test('without the variable a crash point does nothing', () => {
  expect(passThrice({})).toEqual({ signal: null, passed: 3 });
});

test.each([
  ['before-commit', 0],
  ['before-commit:1', 0],
  ['before-commit:3', 2],
])('%s kills the process after it was passed %i times', (point, passed) => {
  expect(passThrice({ FREEHOLD_CRASH_POINT: point })).toEqual({ signal: 'SIGKILL', passed });
});

test.each(['before-commit:4', 'before-reply', 'unheard-of', ''])('%j leaves it alone', point => {
  expect(passThrice({ FREEHOLD_CRASH_POINT: point })).toEqual({ signal: null, passed: 3 });
});
