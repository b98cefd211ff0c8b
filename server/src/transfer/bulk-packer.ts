/** Packs the pairs of a file, piece by piece as it is read, into the bodies of bulk writes. */
import { CLOSE_BRACKET, COMMA, LINE_FEED, OPEN_BRACKET, SPACE } from '../kv/ascii.ts';
import { LIMITS } from '../kv/limits.ts';
import { OperatorError } from '../operator-error.ts';
import type { Bulk } from './bulk.ts';
import { ArrayCutter, type ItemCutter, LineCutter } from './item-cutter.ts';

export interface PackingOptions {
  /** In one bulk. */
  readonly pairsMax: number;
  /** Of one bulk's body, unless a single pair takes more. */
  readonly bytesMax: number;
  /** Where in the file to begin, as `placeOf` has it. */
  readonly from?: number;
}

const BRACKETS_BYTES = 2;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Pieces may be cut anywhere. Takes memory for one bulk and one pair. */
export class BulkPacker {
  readonly #options: PackingOptions;
  #cutter: ItemCutter | undefined;
  /** Lines before the first byte that counts. */
  #linesBefore = 0;
  #number = 0;

  #body: Buffer<ArrayBuffer>;
  #length = 1;
  #itemStart = 1;
  #firstNumber = 1;
  #starts: Uint32Array<ArrayBuffer>;
  #lines: Uint32Array<ArrayBuffer>;
  #count = 0;

  constructor(options: PackingOptions) {
    this.#options = options;
    this.#body = newBody(options.bytesMax);
    this.#starts = new Uint32Array(options.pairsMax);
    this.#lines = new Uint32Array(options.pairsMax);
  }

  /** The bulks that are full with this piece. Throws an `OperatorError` where the file cannot be right. */
  *push(piece: Buffer): Generator<Bulk> {
    let at = this.#cutter === undefined ? this.#begin(piece) : 0;
    const cutter = this.#cutter;
    if (cutter === undefined) return;
    for (;;) {
      const end = cutter.find(piece, at);
      if (this.#overflows(piece, at, end)) yield this.#take();
      this.#append(piece, at, end < 0 ? piece.length : end);
      if (end < 0) return;
      if (this.#endItem(cutter)) yield this.#take();
      at = end + 1;
    }
  }

  /** What is left when all pieces have been pushed. */
  *end(): Generator<Bulk> {
    this.#cutter?.end();
    if (this.#cutter instanceof LineCutter && this.#endItem(this.#cutter)) yield this.#take();
    if (this.#count > 0) yield this.#take();
  }

  /** Finds out about the form by the first byte that counts. Where the items begin, if it is in this piece. */
  #begin(piece: Buffer): number {
    for (const [at, byte] of piece.entries()) {
      if (byte === LINE_FEED) this.#linesBefore++;
      if (byte <= SPACE || BYTE_ORDER_MARK.includes(byte)) continue;
      const isArray = byte === OPEN_BRACKET;
      this.#cutter = isArray ? new ArrayCutter(this.#linesBefore + 1) : new LineCutter(this.#linesBefore);
      return isArray ? at + 1 : at;
    }
    return piece.length;
  }

  /** Whether what there is of the item at hand has to go into the next bulk. */
  #overflows(piece: Buffer, at: number, end: number): boolean {
    if (this.#count === 0) return false;
    const bytes = (end < 0 ? piece.length : end) - at;
    return this.#length + bytes + 1 > this.#options.bytesMax;
  }

  #append(piece: Buffer, at: number, end: number): void {
    const needed = this.#length + (end - at) + 1;
    if (needed - this.#itemStart + BRACKETS_BYTES > LIMITS.bulkBodyBytes) {
      throw new OperatorError(
        `pair ${this.#number + 1} of the file takes more than a bulk write may: ${LIMITS.bulkBodyBytes} bytes`,
      );
    }
    if (needed > this.#body.length) this.#grow(needed);
    this.#length += piece.copy(this.#body, this.#length, at, end);
  }

  /** Whether the bulk is full with it. */
  #endItem(cutter: ItemCutter): boolean {
    if (this.#isBlank()) {
      cutter.passOver();
      this.#length = this.#itemStart;
      return false;
    }
    this.#number++;
    const place = cutter instanceof LineCutter ? cutter.line : this.#number;
    if (place < (this.#options.from ?? 1)) {
      this.#length = this.#itemStart;
      return false;
    }
    if (this.#count === 0) this.#firstNumber = this.#number;
    this.#starts[this.#count] = this.#itemStart;
    this.#lines[this.#count] = cutter.line;
    this.#count++;
    this.#body[this.#length++] = COMMA;
    this.#itemStart = this.#length;
    return this.#count === this.#options.pairsMax;
  }

  #isBlank(): boolean {
    for (let at = this.#itemStart; at < this.#length; at++) {
      if ((this.#body[at] ?? 0) > SPACE) return false;
    }
    return true;
  }

  /** The bulk of the items that have ended; what there is of the item at hand goes on in a new body. */
  #take(): Bulk {
    const { pairsMax, bytesMax } = this.#options;
    const whole = this.#body;
    const bulk: Bulk = {
      body: whole.subarray(0, this.#itemStart),
      starts: this.#starts.slice(0, this.#count),
      lines: this.#lines.slice(0, this.#count),
      firstNumber: this.#firstNumber,
      form: this.#cutter instanceof ArrayCutter ? 'array' : 'lines',
    };
    this.#body = newBody(bytesMax);
    const begun = this.#length - this.#itemStart;
    this.#length = 1;
    if (begun > 0) this.#append(whole, this.#itemStart, this.#itemStart + begun);
    whole[bulk.body.length - 1] = CLOSE_BRACKET;
    this.#itemStart = 1;
    this.#count = 0;
    this.#starts = new Uint32Array(pairsMax);
    this.#lines = new Uint32Array(pairsMax);
    return bulk;
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes, this.#body.length * 2));
    this.#body.copy(grown, 0, 0, this.#length);
    this.#body = grown;
  }
}

/** Throws an `OperatorError` where the file cannot be right, and what the pieces throw. */
export async function* packBulks(pieces: AsyncIterable<Uint8Array>, options: PackingOptions): AsyncGenerator<Bulk> {
  const packer = new BulkPacker(options);
  for await (const piece of pieces) yield* packer.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  yield* packer.end();
}

/** As small as is right for few pairs; memory that is not written to is not taken. */
function newBody(bytesMax: number): Buffer<ArrayBuffer> {
  const body = Buffer.allocUnsafeSlow(bytesMax);
  body[0] = OPEN_BRACKET;
  return body;
}
