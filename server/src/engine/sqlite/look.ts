/** Where and when pairs are looked for. */
export interface Look {
  /** The number of the namespace. */
  readonly namespace: number;
  /** Seconds since the Unix epoch; what expires until then is not seen. */
  readonly now: number;
}
