/** The server's log: pino to standard output, as JSON lines, or pretty for people. */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { ServeConfig } from './config/serve.ts';
import { LIMITS } from './kv/limits.ts';

export interface Log {
  readonly logger: Logger;
  /** Whether the log is written for people. */
  readonly pretty: boolean;
  /** Writes a line that a logger in another thread has formed. */
  writeLine(line: string): void;
  /** Writes text for people, in its place between the log's lines. */
  print(text: string): void;
  /** Writes what is left, in its order, as the last call; gives up where nobody reads for `LIMITS.logCloseMs`. */
  close(): Promise<void>;
}

const STDOUT = 1;

export async function openLog({ logLevel, logFormat }: Pick<ServeConfig, 'logLevel' | 'logFormat'>): Promise<Log> {
  const pretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
  // Not sync: a stopped terminal or a slow pipe would stop the server. pino writes what is left when the process ends.
  const stdout = pino.destination({ dest: STDOUT, sync: false, maxLength: LIMITS.logUnreadBytes });
  const lines = pretty ? await prettified(stdout) : stdout;
  return {
    logger: pino({ level: logLevel }, lines),
    pretty,
    writeLine: line => void lines.write(line),
    print: text => void stdout.write(text),
    close: () =>
      new Promise(resolve => {
        setTimeout(resolve, LIMITS.logCloseMs).unref();
        stdout.once('close', resolve);
        stdout.end();
      }),
  };
}

/** Loads pino-pretty only here, because that takes a good part of the time of a start. */
async function prettified(stdout: ReturnType<typeof pino.destination>): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const prettify = prettyFactory({ singleLine: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' });
  return { write: line => void stdout.write(prettify(line)) };
}
