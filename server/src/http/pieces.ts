/** The body of an answer that is made while it goes out. */
export interface Pieces {
  /** Undefined behind the last. To be called again when the piece has gone out. */
  next(): Promise<Buffer | undefined>;
  /** To be called in any case, whether or not all were asked for. Harmless when repeated. */
  close(): void;
}
