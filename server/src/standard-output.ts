/** Results on standard output, which may be a pipe that is read slowly, or not to its end. */
/** Nobody reads on, as after `| head`: no fault, but there is nothing more to do. */
export class OutputClosed extends Error {
  /** As of a program that the signal of a closed pipe ends. */
  readonly exitCode = 141;

  constructor(cause: unknown) {
    super('nobody reads standard output', { cause });
    this.name = 'OutputClosed';
  }
}

/** Throws `OutputClosed` where nobody reads on. Resolves when more may come, so that what nobody has read yet is not piled up. */
export async function writeResult(text: string | Uint8Array): Promise<void> {
  process.stdout.once('error', ignore);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  process.stdout.write(text, error => (error ? reject(error) : resolve()));
  await promise.catch(error => {
    throw error.code === 'EPIPE' ? new OutputClosed(error) : error;
  });
  process.stdout.off('error', ignore);
}

/** The write has its own error already. */
function ignore(): void {}
