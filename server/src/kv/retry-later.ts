import { type Fault, KvError } from './errors.ts';

/** A request that is refused now and can be repeated after a time. */
export class RetryLater extends KvError {
  readonly seconds: number;

  constructor(fault: Fault, seconds: number) {
    super([fault]);
    this.seconds = seconds;
  }
}
