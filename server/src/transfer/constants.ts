/** What the moving of pairs takes at a time. */
export const TRANSFER = {
  /** Of the body of one bulk write, unless a single pair takes more: 8 MB. */
  bulkBytesMax: 8_000_000,
  /** Bulk writes under way at once. */
  bulksInFlight: 2,
  /** Reads under way at once of a pull, each of which is then written. */
  readsInFlight: 6,
  /** Of one bulk write of a push, unless a single pair takes more: 20 MB. */
  pushedPairsMax: 5_000,
  pushedBytesMax: 20_000_000,
  /** Faults of a file that are listed; the rest are only counted. */
  faultsListed: 20,
} as const;
