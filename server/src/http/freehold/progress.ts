/** The answer to work that takes a while: lines of JSON that tell how far it has come, and at last what it came to. */
import { ERRORS } from '../../kv/errors.ts';
import { faultText } from '../../kv/fault-text.ts';
import type { Call } from '../call.ts';
import { asKvError } from '../failure.ts';
import type { Pieces } from '../pieces.ts';
import type { Answer } from '../route.ts';

/** Work in steps, each of which is done for good when it is answered. */
export interface Work {
  /** What the steps have come to so far. */
  readonly tally: { readonly pairs: number } & Readonly<Record<string, number>>;
  /** Whether anything was changed. */
  readonly hasChanged: boolean;
  /** Answers whether there is anything left to do. */
  step(): Promise<boolean>;
  /** To be called in any case, when no step is under way. */
  end(isDone: boolean): void;
}

const CONTENT_TYPE = 'application/x-ndjson';

export const PROGRESS: Answer = {
  contentType: CONTENT_TYPE,
  schema: {
    type: 'string',
    description:
      'A JSON object a line: `{"pairs":n}` about once a second, and at last one with `"done":true` or with `error`. An answer without such a last line was cut off.',
  },
};

export class Progress implements Pieces {
  readonly #call: Call;
  readonly #work: Work;
  #isOver = false;
  #isDone = false;

  constructor(call: Call, work: Work) {
    this.#call = call;
    this.#work = work;
    call.contentType = CONTENT_TYPE;
  }

  /** Rejects where nothing was changed or sent yet, so that this can be answered as any refusal. */
  async next(): Promise<Buffer | undefined> {
    if (this.#isOver) return undefined;
    const { services, response } = this.#call;
    const second = services.clock();
    try {
      while (await this.#work.step()) {
        // Who is gone has no more done.
        if (response.closed) return undefined;
        if (services.clock() !== second) return line({ pairs: this.#work.tally.pairs });
      }
    } catch (error) {
      return this.#failed(error);
    }
    this.#isOver = true;
    this.#isDone = true;
    return line({ done: true, ...this.#work.tally });
  }

  close(): void {
    this.#work.end(this.#isDone);
  }

  #failed(error: unknown): Buffer {
    const failure = asKvError(error);
    const { tally, hasChanged } = this.#work;
    if (failure === undefined || !(hasChanged || this.#call.response.headersSent)) throw error;
    this.#isOver = true;
    const [fault] = failure.faults;
    this.#call.refusal = fault.name;
    const message = faultText(fault, this.#call.match?.route?.operation);
    return line({ error: { code: ERRORS[fault.name].code, message }, ...tally });
  }
}

function line(content: object): Buffer {
  return Buffer.from(`${JSON.stringify(content)}\n`);
}
