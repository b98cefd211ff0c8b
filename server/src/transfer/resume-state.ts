/** What a pull or a push keeps of how far it has come, in a file that only its owner may read. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { membersOf } from '../remote/api-answer.ts';

/** Pairs, as of the place that was reached. */
export interface MoveCounts {
  /** That were found at the source. */
  readonly found: number;
  readonly written: number;
  /** Of those that were written, the ones that expire some day. */
  readonly expiring: number;
  /** That had expired, or were about to. */
  readonly expired: number;
  /** That were listed and then not there any more. */
  readonly gone: number;
}

export const NOTHING_MOVED: MoveCounts = { found: 0, written: 0, expiring: 0, expired: 0, gone: 0 };

export interface Reached {
  /** The cursor of the page to go on with, or the key to go on behind. */
  readonly place: string;
  readonly counts: MoveCounts;
  /** Pairs that the destination had before. */
  readonly before: number;
}

export interface Move {
  readonly command: 'pull' | 'push';
  /** URL, account and id of the namespace. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export class ResumeState {
  readonly path: string;
  readonly #move: Move;

  /** `directory` is Freehold's own among the states of programs. */
  constructor(directory: string, move: Move) {
    const name = createHash('sha256').update(JSON.stringify(move)).digest('hex').slice(0, 32);
    this.path = join(directory, `${move.command}-${name}.json`);
    this.#move = move;
  }

  /** Undefined where there is nothing to go on with. */
  async read(): Promise<Reached | undefined> {
    const text = await readFile(this.path, 'utf8').catch(error => {
      if (error.code !== 'ENOENT') throw error;
    });
    return text === undefined ? undefined : parseReached(text);
  }

  async write(reached: Reached): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.new`;
    await rm(draft, { force: true });
    await writeFile(draft, JSON.stringify({ ...this.#move, ...reached }), { mode: 0o600, flag: 'wx' });
    await rename(draft, this.path);
  }

  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}

/** Undefined for a file that is damaged: to begin anew harms nothing. */
function parseReached(text: string): Reached | undefined {
  const { place, counts, before } = membersOf(parseJson(text));
  const members = membersOf(counts);
  const names = Object.keys(NOTHING_MOVED) as (keyof MoveCounts)[];
  if (typeof place !== 'string' || typeof before !== 'number') return undefined;
  if (names.some(name => typeof members[name] !== 'number')) return undefined;
  return { place, before, counts: members as unknown as MoveCounts };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
