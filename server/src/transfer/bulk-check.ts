/** What is wrong with the pairs of a file, by the reader that the server has for imports. */
import { ArrivingText } from '../kv/arriving-text.ts';
import { readImport } from '../kv/bulk-reader.ts';
import type { Clock } from '../kv/engine.ts';
import { type Fault, KvError, shownKey } from '../kv/errors.ts';
import { bareFaultText } from '../kv/fault-text.ts';
import { type Bulk, itemBytes, itemCount, placeName } from './bulk.ts';

export interface PairFault {
  /** Where in the file, in words. */
  readonly place: string;
  readonly key?: string;
  readonly reason: string;
}

export interface BulkFaults {
  /** In the order of the file. */
  readonly faults: readonly PairFault[];
  /** How many there are in all, listed or not. */
  readonly count: number;
}

const NONE: BulkFaults = { faults: [], count: 0 };

/** Those of the first `listedMax` pairs that have some. */
export function findFaults(bulk: Bulk, clock: Clock, listedMax: number): BulkFaults {
  const refusal = refusalOf(bulk.body, clock);
  if (refusal === undefined) return NONE;
  const alone: PairFault[] = [];
  let count = 0;
  for (let index = 0; index < itemCount(bulk); index++) {
    const [fault] = refusalOf(asArray(itemBytes(bulk, index)), clock)?.faults ?? [];
    if (fault === undefined) continue;
    count++;
    if (alone.length < listedMax) alone.push(pairFault(fault, placeName(bulk, index)));
  }
  // A key that comes twice shows only when all are read together, which they are where all are well-formed.
  const twice = refusal.faults.filter(({ name }) => name === 'duplicateKey');
  const repeated = twice.map(fault => pairFault(fault, placeName(bulk, fault.item?.index ?? 0)));
  return { faults: [...alone, ...repeated].slice(0, listedMax), count: Math.max(count, refusal.faultCount) };
}

function asArray(item: Buffer): Buffer {
  return Buffer.concat([Buffer.from('['), item, Buffer.from(']')]);
}

function refusalOf(body: Buffer, clock: Clock): KvError | undefined {
  const text = new ArrivingText(body.length);
  text.append(body);
  text.end();
  try {
    for (const pause of readImport(text, clock)) {
      if (pause !== undefined) throw new Error('a text that is whole was waited for');
    }
    return undefined;
  } catch (error) {
    if (error instanceof KvError) return error;
    throw error;
  }
}

function pairFault({ item, ...fault }: Fault, place: string): PairFault {
  const isNoJson = fault.name === 'pairsMalformed';
  return {
    place,
    ...(item?.key !== undefined && { key: shownKey(item.key) }),
    reason: isNoJson ? `not a pair in JSON: ${fault.parameters['detail']}` : bareFaultText(fault),
  };
}
