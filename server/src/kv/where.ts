/**
 * Conditions on metadata. `metadata.a.b[0]` holds where there is such a part; `metadata.a=x` where it is the string `x`
 * or what `x` is as JSON; `metadata.a="x"` where it is that string and nothing else; and `!=` where `=` does not hold,
 * also because there is no such part. `metadata["a.b"]` is for names that have other characters in them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TakesMetadata } from './pair-lines.ts';

/** A name in an object, or a position in an array. */
type Step = string | number;

interface Part {
  readonly value: unknown;
}

const STEP = /\.([^.[\]=!<>~"\s]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Of metadata once it is parsed; undefined where there is none. */
export type Condition = (metadata: Part | undefined) => boolean;

/** Takes metadata of which all conditions hold. However many there are, it is parsed once. */
export function allHold(conditions: readonly Condition[]): TakesMetadata {
  return text => {
    const metadata = text === undefined ? undefined : parseJson(text);
    return conditions.every(holds => holds(metadata));
  };
}

/** Undefined where the text is no condition. */
export function parseWhere(text: string): Condition | undefined {
  if (!text.startsWith('metadata')) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = 'metadata'.length;
  let end = STEP.lastIndex;
  for (let match = STEP.exec(text); match !== null; match = STEP.exec(text)) {
    const [, name, position, quotedName] = match;
    const step = position === undefined ? (name ?? parseJson(quotedName ?? '')?.value) : Number(position);
    if (typeof step !== 'string' && typeof step !== 'number') return undefined;
    steps.push(step);
    end = STEP.lastIndex;
  }
  const [, operator, right = ''] = /^(!?=)(.*)$/s.exec(text.slice(end)) ?? [];
  if (operator === undefined)
    return end === text.length ? metadata => partOf(metadata, steps) !== undefined : undefined;
  const isMeant = parseRight(right);
  if (isMeant === undefined) return undefined;
  const equals: Condition = metadata => {
    const part = partOf(metadata, steps);
    return part !== undefined && isMeant(part.value);
  };
  return operator === '=' ? equals : metadata => !equals(metadata);
}

function parseRight(right: string): ((value: unknown) => boolean) | undefined {
  const literal = parseJson(right);
  if (right.startsWith('"')) {
    return typeof literal?.value === 'string' ? value => value === literal.value : undefined;
  }
  return value => value === right || (literal !== undefined && isDeepStrictEqual(value, literal.value));
}

function partOf(metadata: Part | undefined, steps: readonly Step[]): Part | undefined {
  let part = metadata;
  for (const step of steps) {
    if (part === undefined) return undefined;
    part = stepInto(part.value, step);
  }
  return part;
}

function stepInto(value: unknown, step: Step): Part | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof step === 'number' && step < value.length ? { value: value[step] } : undefined;
  if (typeof step !== 'string' || !Object.hasOwn(value, step)) return undefined;
  return { value: (value as Readonly<Record<string, unknown>>)[step] };
}

function parseJson(text: string): Part | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
