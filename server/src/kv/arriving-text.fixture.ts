/** Texts as tests want them to arrive, and the steps of who reads them meanwhile. */
import { ArrivingText } from './arriving-text.ts';
import type { Steps } from './steps.ts';

export function wholeText(text: string | Uint8Array): ArrivingText {
  const bytes = Buffer.from(text);
  const whole = new ArrivingText(bytes.length);
  whole.append(bytes);
  whole.end();
  return whole;
}

/** Takes the steps without a pause. Where there is something to wait for, the next piece of the text arrives, or its end. */
export function finish<Result>(steps: Steps<Result>, text?: ArrivingText, pieces: readonly Uint8Array[] = []): Result {
  const coming = [...pieces];
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (value === undefined) continue;
    if (text === undefined || text.isWhole) throw new Error('there is nothing to wait for');
    const piece = coming.shift();
    if (piece === undefined) text.end();
    else text.append(piece);
  }
}

/** What lies between the cuts. */
export function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const cuts = [0, ...at.toSorted((one, other) => one - other), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}
