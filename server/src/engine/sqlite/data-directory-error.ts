/** A data directory that cannot be used; the message says what to do. */
export class DataDirectoryError extends Error {
  readonly reason: DataDirectoryReason;

  constructor(reason: DataDirectoryReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DataDirectoryError';
    this.reason = reason;
  }
}

export type DataDirectoryReason =
  /** Another engine has it open. */
  | 'inUse'
  /** It was written by a newer release. */
  | 'newerVersion'
  /** Its database belongs to another program. */
  | 'foreign'
  /** Its database is damaged or incomplete. */
  | 'damaged'
  /** There is no space to open it, or to bring it up to this release. */
  | 'diskFull'
  /** It cannot be read or written. */
  | 'inaccessible';
