/** Which brackets are open while a JSON value is skipped: a bit a level, since a body may open a hundred million. */
import { CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE } from './ascii.ts';

export class JsonNesting {
  depth = 0;
  #objects = new Uint8Array(16);

  /** Enters the object or array that opens with this bracket. */
  push(bracket: number): void {
    const index = this.depth >> 3;
    if (index === this.#objects.length) this.#grow();
    const bits = this.#objects[index] ?? 0;
    const bit = 1 << (this.depth & 7);
    this.#objects[index] = bracket === OPEN_BRACE ? bits | bit : bits & ~bit;
    this.depth++;
  }

  pop(): void {
    this.depth--;
  }

  /** The bracket that closes the innermost object or array. */
  get close(): number {
    const level = this.depth - 1;
    const bits = this.#objects[level >> 3] ?? 0;
    return (bits & (1 << (level & 7))) === 0 ? CLOSE_BRACKET : CLOSE_BRACE;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#objects.length * 2);
    grown.set(this.#objects);
    this.#objects = grown;
  }
}
