/**
 * How often the writer has committed, in memory that all threads share. What was read at a count is what there is for as
 * long as the count stays: the writer counts before it answers, so that nobody knows of a change that is not counted.
 */
export type CommitCount = Int32Array<SharedArrayBuffer>;

export function newCommitCount(): CommitCount {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

export function countCommit(commits: CommitCount): void {
  Atomics.add(commits, 0, 1);
}

/** Wraps round after four thousand million, which a reader would have to sleep through. */
export function commitsSoFar(commits: CommitCount): number {
  return Atomics.load(commits, 0);
}
