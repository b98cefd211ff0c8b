/** Finds where bytes in a JSON string stop standing for themselves, four bytes at a time. */
import type { ArrivingText } from './arriving-text.ts';
import { BACKSLASH, QUOTE, SPACE } from './ascii.ts';
import { byteAt } from './byte-at.ts';

/** 1 for what stands for itself in a string: all but control characters, the quote and the backslash. */
export const PLAIN = new Uint8Array(256).fill(1, SPACE);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** The first position from `from` on with a byte that does not stand for itself; it may be the end. */
export function plainEnd(text: ArrivingText, from: number): number {
  // Behind the end there may be the beginning of a character.
  return Math.min(plainBytesEnd(text, from), text.length);
}

function plainBytesEnd({ bytes, words }: ArrivingText, from: number): number {
  let position = from;
  while ((position & 3) !== 0) {
    if (PLAIN[byteAt(bytes, position)] === 0) return position;
    position++;
  }
  let word = position >> 2;
  while (word < words.length && arePlain(words[word] ?? 0)) word++;
  position = word << 2;
  while (PLAIN[byteAt(bytes, position)] === 1) position++;
  return position;
}

/**
 * The same of four bytes at once. Subtracting n sets the high bit of each byte that is below n and had it unset; beside
 * those only bytes above them can get it, by a borrow. Flipping bit 1 first puts the quote next to the controls.
 */
function arePlain(word: number): boolean {
  const controlsAndQuotes = (word ^ 0x02020202) - 0x21212121;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((controlsAndQuotes | backslashes) & ~word & 0x80808080) === 0;
}
