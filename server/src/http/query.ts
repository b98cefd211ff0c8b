/** Query parameters: each is described and decoded from one definition. */
import { type Fault, KvError } from '../kv/errors.ts';
import type { Schema } from './schemas.ts';

export interface QueryParameter<Value> {
  readonly description: string;
  readonly schema: Schema;
  /** `text` is null where the parameter is absent. */
  decode(text: string | null): Value;
}

/** One that may be there any number of times. */
export interface RepeatedParameter<Value> {
  readonly description: string;
  readonly schema: Schema;
  decodeAll(texts: readonly string[]): Value;
}

export type QueryParameters = Readonly<Record<string, QueryParameter<unknown> | RepeatedParameter<unknown>>>;

export function textParameter(description: string): QueryParameter<string> {
  return { description, schema: { type: 'string' }, decode: text => text ?? '' };
}

interface IntegerDefinition {
  readonly description: string;
  readonly minimum: number;
  readonly maximum?: number;
  readonly default: number;
  readonly notInteger: Fault;
  readonly tooSmall?: Fault;
  readonly tooLarge?: Fault;
}

export function integerParameter(definition: IntegerDefinition): QueryParameter<number> {
  const { description, notInteger, tooSmall = notInteger, tooLarge = notInteger, ...range } = definition;
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = range;
  return {
    description,
    schema: { type: 'integer', ...range },
    decode: text => {
      if (text === null) return range.default;
      const number = /^-?\d+$/.test(text) ? Number(text) : undefined;
      if (number === undefined) throw new KvError([notInteger]);
      if (number < minimum) throw new KvError([tooSmall]);
      if (number > maximum) throw new KvError([tooLarge]);
      return number;
    },
  };
}

interface ChoiceDefinition<Choice extends string> {
  readonly description: string;
  readonly choices: readonly [Choice, ...Choice[]];
  readonly notAChoice: Fault;
}

/** One of a few words, in any case; the first is the default. */
export function choiceParameter<Choice extends string>(definition: ChoiceDefinition<Choice>): QueryParameter<Choice> {
  const { description, choices, notAChoice } = definition;
  return {
    description,
    schema: { type: 'string', enum: choices, default: choices[0] },
    decode: text => {
      if (text === null) return choices[0];
      const choice = choices.find(known => known === text.toLowerCase());
      if (choice === undefined) throw new KvError([notAChoice]);
      return choice;
    },
  };
}
