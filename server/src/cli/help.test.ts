import { expect, test } from 'vitest';
import { COMMANDS } from '../commands.ts';
import { helpText } from './help.ts';

test.each(['', 'kv', 'token', ...Object.keys(COMMANDS)])(
  'the help of "%s" has no line of more than 120 characters',
  topic => {
    expect(
      helpText(topic)
        .split('\n')
        .filter(line => line.length > 120),
    ).toEqual([]);
  },
);
