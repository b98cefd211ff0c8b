/** What the tests of the bulk reader share: its results as plain pairs, its refusals as faults. */

import { finish, wholeText } from './arriving-text.fixture.ts';
import { ArrivingText } from './arriving-text.ts';
import { readBulk, readImport } from './bulk-reader.ts';
import { type Fault, KvError } from './errors.ts';
import { OFFSETS_PER_PAIR, type Puts, pairCount } from './puts.ts';

export const NOW = 1_700_000_000;

/** Key and value a character a byte, so that bytes which are no UTF-8 show; metadata as text, empty for none. */
export interface PlainPair {
  readonly key: string;
  readonly value: string;
  readonly metadata: string;
  readonly expiresAt: number;
}

export function pair(key: string, value: string, { metadata = '', expiresAt = 0 } = {}): PlainPair {
  return { key, value, metadata, expiresAt };
}

/** Text as a plain pair has it in key and value. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export function read(body: string | Uint8Array): PlainPair[] {
  return plainPairs(finish(readBulk(wholeText(body), () => NOW)));
}

export function readImported(body: string | Uint8Array): { readonly pairs: PlainPair[]; readonly expired: number } {
  const { puts, expired } = finish(readImport(wholeText(body), () => NOW));
  return { pairs: plainPairs(puts), expired };
}

/** Reads a body while it arrives in pieces; of a length that was announced, or not. */
export function readArriving(pieces: readonly Uint8Array[], announced?: number): PlainPair[] {
  const text = new ArrivingText(announced);
  return plainPairs(
    finish(
      readBulk(text, () => NOW),
      text,
      pieces,
    ),
  );
}

/** What reading comes to. */
export interface Outcome {
  readonly pairs?: readonly PlainPair[];
  readonly faults?: readonly Fault[];
  readonly faultCount?: number;
}

export function outcome(reading: () => PlainPair[]): Outcome {
  try {
    return { pairs: reading() };
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    const { faults, faultCount } = error;
    return { faults, faultCount };
  }
}

export function refusal(body: string | Uint8Array): KvError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof KvError) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

/** The fault of a body that has just one. */
export function faultOf(body: string | Uint8Array): Fault {
  const { faults, faultCount } = refusal(body);
  if (faultCount !== 1 || faults.length !== 1) throw new Error(`the body has ${faultCount} faults`);
  return faults[0];
}

function plainPairs({ arena, offsets, expiresAt }: Puts): PlainPair[] {
  if (arena.byteOffset > 0) throw new Error('the arena does not begin where its buffer does');
  const bytes = Buffer.from(arena.buffer);
  return Array.from({ length: pairCount({ arena, offsets, expiresAt }) }, (_, number) => {
    const [keyStart, keyEnd, metadataStart, metadataEnd, valueStart, valueEnd] = offsets.subarray(
      number * OFFSETS_PER_PAIR,
      (number + 1) * OFFSETS_PER_PAIR,
    );
    return {
      key: bytes.toString('latin1', keyStart, keyEnd),
      value: bytes.toString('latin1', valueStart, valueEnd),
      metadata: bytes.toString('utf8', metadataStart, metadataEnd),
      expiresAt: expiresAt[number] ?? Number.NaN,
    };
  });
}
