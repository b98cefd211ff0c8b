/** Long work in steps, between which others get their turn. Yields what the next step has to wait for, if anything. */
export type Steps<Result> = Generator<Promise<void> | undefined, Result, void>;
