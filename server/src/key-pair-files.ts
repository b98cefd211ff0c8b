/** The files of certificate and key for TLS, read again while the server runs. */
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { KeyPairPaths } from './config/serve.ts';
import type { KeyPair, KeyPairSource } from './http/key-pair.ts';
import { LIMITS } from './kv/limits.ts';
import { OperatorError } from './operator-error.ts';

export class KeyPairFiles implements KeyPairSource {
  readonly #paths: KeyPairPaths;
  readonly #log: Logger;
  readonly #users: ((pair: KeyPair) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #current: KeyPair;
  #complaint: string | undefined;

  private constructor(paths: KeyPairPaths, current: KeyPair, log: Logger) {
    this.#paths = paths;
    this.#current = current;
    this.#log = log;
    // Looked at, rather than watched for events: those do not come for the links that certbot and Kubernetes turn.
    this.#timer = setInterval(() => void this.#readAgain(), LIMITS.tlsReloadMs).unref();
  }

  /** Throws an `OperatorError` where the files are not a certificate and its key. */
  static async open(paths: KeyPairPaths, log: Logger): Promise<KeyPairFiles> {
    try {
      return new KeyPairFiles(paths, await readPair(paths), log);
    } catch (error) {
      throw new OperatorError(`cannot use ${namesOf(paths)} for TLS: ${(error as Error).message}`, { cause: error });
    }
  }

  get current(): KeyPair {
    return this.#current;
  }

  onChange(use: (pair: KeyPair) => void): void {
    this.#users.push(use);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** What cannot be used, as while only one of the two files was replaced, leaves everything as it is. */
  async #readAgain(): Promise<void> {
    try {
      const pair = await readPair(this.#paths);
      this.#complaint = undefined;
      if (pair.cert.equals(this.#current.cert) && pair.key.equals(this.#current.key)) return;
      this.#current = pair;
      for (const use of this.#users) use(pair);
      this.#log.info({ file: this.#paths.certificate }, 'certificate read again');
    } catch (error) {
      this.#complain((error as Error).message);
    }
  }

  /** Once, and not at every look. */
  #complain(reason: string): void {
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    this.#log.warn({ reason }, `cannot read ${namesOf(this.#paths)} again: the former certificate stays in use`);
  }
}

async function readPair({ certificate, key }: KeyPairPaths): Promise<KeyPair> {
  const [cert, privateKey] = await Promise.all([readFile(certificate), readFile(key)]);
  const pair = { cert, key: privateKey };
  // Throws where they are not what they should be, or do not belong together.
  process.getBuiltinModule('node:tls').createSecureContext(pair);
  return pair;
}

function namesOf({ certificate, key }: KeyPairPaths): string {
  return `${certificate} and ${key}`;
}
