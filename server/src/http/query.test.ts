import { describe, expect, test } from 'vitest';
import { fault, KvError } from '../kv/errors.ts';
import { choiceParameter, integerParameter, textParameter } from './query.ts';

function refusalOf(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    return error instanceof KvError ? error.faults[0].name : String(error);
  }
}

describe('an integer', () => {
  const parameter = integerParameter({
    description: 'Some.',
    minimum: 10,
    maximum: 20,
    default: 15,
    notInteger: fault('limitNotInteger'),
    tooSmall: fault('limitTooSmall', { limit: 10 }),
    tooLarge: fault('limitTooLarge', { limit: 20 }),
  });

  test('is its default where it is absent', () => expect(parameter.decode(null)).toBe(15));

  test.each([
    ['10', 10],
    ['20', 20],
    ['012', 12],
  ])('%s is taken', (text, number) => {
    expect(parameter.decode(text)).toBe(number);
  });

  test.each([
    ['9', 'limitTooSmall'],
    ['-11', 'limitTooSmall'],
    ['21', 'limitTooLarge'],
    ['9'.repeat(400), 'limitTooLarge'],
    ['', 'limitNotInteger'],
    [' 12', 'limitNotInteger'],
    ['12.0', 'limitNotInteger'],
    ['0xc', 'limitNotInteger'],
    ['1e1', 'limitNotInteger'],
    ['१२', 'limitNotInteger'],
  ])('%.20s is refused', (text, name) => {
    expect(refusalOf(() => parameter.decode(text))).toBe(name);
  });

  test('is described with its range', () => {
    expect(parameter.schema).toEqual({ type: 'integer', minimum: 10, maximum: 20, default: 15 });
  });
});

test('a choice is its first where it is absent, and in any case', () => {
  const parameter = choiceParameter({
    description: 'One.',
    choices: ['id', 'title'],
    notAChoice: fault('orderInvalid'),
  });
  expect([null, 'title', 'TITLE', 'Id'].map(text => parameter.decode(text))).toEqual(['id', 'title', 'title', 'id']);
  expect(refusalOf(() => parameter.decode(''))).toBe('orderInvalid');
  expect(refusalOf(() => parameter.decode('constructor'))).toBe('orderInvalid');
});

test('a text is empty where it is absent', () => {
  expect([null, '', ' a'].map(text => textParameter('Some.').decode(text))).toEqual(['', '', ' a']);
});
