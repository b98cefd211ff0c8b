/** What a server needs to speak TLS. */
export interface KeyPair {
  /** The certificate, and those that it is signed by, in PEM. */
  readonly cert: Buffer;
  /** In PEM. */
  readonly key: Buffer;
}

/** A pair that may be replaced while the server runs. */
export interface KeyPairSource {
  readonly current: KeyPair;
  /** Calls back with every further one. */
  onChange(use: (pair: KeyPair) => void): void;
}
