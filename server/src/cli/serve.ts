/** `freehold serve`: runs the server until a signal ends it. */
import type { ServeConfig } from '../config/serve.ts';
import { startEngineThread } from '../engine-thread.ts';
import { LIMITS } from '../kv/limits.ts';
import { isLoopback } from '../listen-address.ts';
import type { Log } from '../log.ts';
import type { RunningServer } from '../server.ts';
import { version } from '../version.ts';
import { firstStartBanner } from './banner.ts';

export async function serve(config: ServeConfig): Promise<void> {
  // What the server writes is for its owner only, also in a directory that others may enter.
  process.umask(0o077);
  // Begun first, because it takes longest; all else is loaded meanwhile.
  const engineThread = startEngineThread();
  const [{ openLog }, { startServer }] = await Promise.all([import('../log.ts'), import('../server.ts')]);
  const log = await openLog(config);
  process.on('uncaughtExceptionMonitor', error => log.logger.fatal({ err: error }, 'defect'));

  const signal = firstSignal();
  const server = await startServer(config, {
    log: log.logger,
    engineThread,
    onLogLine: log.writeLine,
    onFatal: error => endAfterFailure(log, error),
    onDefect: error => {
      throw error;
    },
    ...(process.stdout.isTTY && { showToken: (token, url) => log.print(firstStartBanner(url, token)) }),
  });
  announce(log, server, config);

  log.logger.info({ signal: await signal }, 'stopping');
  await stop(server, log);
}

/**
 * Later signals are ignored: Ctrl-C under npm arrives twice, from the terminal and from npm, and must not cut off an
 * orderly stop.
 */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    process.on('SIGINT', resolve);
    process.on('SIGTERM', resolve);
  });
}

function announce({ logger, pretty, print }: Log, server: RunningServer, { noAuth }: ServeConfig): void {
  const { url, urls, dataDirectory } = server;
  if (noAuth) logger.warn('no token is asked for: every program on this machine can read and change everything');
  for (const host of urls.flatMap(exposedHost)) {
    logger.warn(
      { host },
      'not only this machine can connect, and without TLS: give a certificate, or put a proxy in front',
    );
  }
  const where = urls.join(' and ');
  if (pretty) print(`Freehold ${version} is listening on ${where}, data in ${dataDirectory} (Ctrl-C stops it)\n`);
  else logger.info({ url, urls, dataDirectory, version }, 'listening');
}

const PLAIN_HTTP = /^http:\/\/\[?([^\]]*?)\]?:\d+$/;

/** The host of an address that other machines can reach without TLS. */
function exposedHost(url: string): string[] {
  const host = PLAIN_HTTP.exec(url)?.[1];
  return host === undefined || isLoopback(host) ? [] : [host];
}

async function stop(server: RunningServer, log: Log): Promise<never> {
  // What was not acknowledged by then may be lost, so a disk that hangs need not hold up the stop for ever.
  setTimeout(() => process.exit(1), LIMITS.stopMs).unref();
  try {
    await server.close();
    log.logger.info('stopped');
  } catch (error) {
    log.logger.fatal({ err: error }, 'stopped with an error');
    process.exitCode = 1;
  }
  await log.close();
  // With the code of a failure of the engine, too, which may have come while it stopped.
  process.exit();
}

/** Reads are still answered for a moment; then the process ends, for the next start to recover what is on disk. */
function endAfterFailure({ logger }: Log, error: Error): void {
  logger.fatal({ err: error }, 'the storage engine has failed; nothing more is written, and the server ends');
  process.exitCode = 1;
  setTimeout(() => process.exit(1), LIMITS.fatalLingerMs).unref();
}
