import { OperatorError } from '../operator-error.ts';

/** A request that no client of this version makes. */
export class AdminRequestError extends OperatorError {
  readonly status: 400 | 404 | 413;

  constructor(message: string, status: 400 | 404 | 413 = 400) {
    super(message);
    this.name = 'AdminRequestError';
    this.status = status;
  }
}
