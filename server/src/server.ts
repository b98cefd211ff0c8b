/** Starts the parts of a server in their order, and stops them in the reverse one. */
import { resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type Logger, pino } from 'pino';
import { type AdminParts, adminActions } from './admin/actions.ts';
import { mintFirstRootToken, setRootToken, writeTokenFile } from './admin/root-token.ts';
import { openAdminSocket } from './admin/server.ts';
import { auditTo } from './audit.ts';
import { Backups } from './backup/backups.ts';
import { readGivenToken } from './config/given-token.ts';
import type { KeyPairPaths, ServeConfig } from './config/serve.ts';
import { makeDataDirectory, openEngine } from './data-directory.ts';
import { Admission, type AdmissionOptions } from './http/admission.ts';
import { buildApp, newFigures, type Times } from './http/app.ts';
import { loadFormParser } from './http/multipart.ts';
import { KeyPairFiles } from './key-pair-files.ts';
import type { Clock } from './kv/engine.ts';
import { LIMITS } from './kv/limits.ts';
import { Listener } from './listener.ts';
import { mainUrl } from './main-url.ts';
import { ServingThreads } from './serving-threads.ts';
import { systemClock } from './system-clock.ts';
import { Tokens } from './tokens.ts';
import { version } from './version.ts';

export interface RunningServer {
  /** The first of `urls` that is HTTP's, or the first of all where none is. */
  readonly url: string;
  /** Of every address: `http://host:port`, or `unix:` and an absolute path. */
  readonly urls: readonly string[];
  /** Absolute. */
  readonly dataDirectory: string;
  /**
   * Stops accepting, finishes what is in flight within `LIMITS.shutdownMs`, and closes the engine. Repeated calls
   * answer the same promise.
   */
  close(): Promise<void>;
}

export interface ServerOverrides {
  /** The main thread's, as is the next: the others have the system's, and what `LIMITS` has. */
  readonly clock?: Clock;
  readonly times?: Times & Pick<AdmissionOptions, 'waitMs' | 'windowMs'>;
  readonly log?: Logger;
  /** Takes the lines that the other threads have formed for the log. */
  readonly onLogLine?: (line: string) => void;
  /** Shows the root token that a first start minted; without it, the token goes to a file in the data directory. */
  readonly showToken?: (token: string, url: string) => void;
  /** Of `startEngineThread`. */
  readonly engineThread?: Worker;
  /** Called when the engine can no longer write for good. Reads go on; the process should end soon. */
  readonly onFatal?: (error: Error) => void;
  /** Called when a serving thread has died. The process should end, as it would if this one had thrown the error. */
  readonly onDefect?: (error: Error) => void;
}

/** Throws an `OperatorError` for what the operator can put right. A start that fails leaves nothing open. */
export async function startServer(config: ServeConfig, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const {
    clock = systemClock,
    times,
    log = pino({ level: 'silent' }),
    showToken,
    engineThread,
    onLogLine = () => {},
    onFatal = () => {},
    onDefect = () => {},
  } = overrides;
  const dataDirectory = resolve(config.dataDirectory);
  const stops: (() => Promise<void>)[] = [];
  try {
    // Harmless after the engine was closed, which ends it in its own way.
    if (engineThread) stops.push(async () => void (await engineThread.terminate()));
    const givenToken = config.givenToken && (await readGivenToken(config.givenToken, 'serve'));
    const tls = config.tls && (await openKeyPair(config.tls, log, stops));
    await makeDataDirectory(dataDirectory);
    const { threads, diskFreeBytesMin, inFlightBytesMax = LIMITS.inFlightBytes, corsOrigins, noAuth = false } = config;
    const engine = await openEngine(dataDirectory, {
      clock,
      sharers: threads - 1,
      onFatal,
      ...(engineThread && { thread: engineThread }),
      ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
    });
    stops.push(() => engine.close());
    const audit = auditTo(log);
    if (givenToken !== undefined && (await setRootToken(engine, dataDirectory, givenToken))) {
      audit({ audit: 'root-token.set', by: { name: config.givenToken?.source ?? '' }, count: 1 });
    }
    const tokens = new Tokens(engine, clock, { noAuth });
    const all = newFigures(threads, performance.timeOrigin / 1_000);
    // Each thread has its share, since none knows what the others have under way.
    const inFlightBytes = inFlightBytesMax / threads;
    const admission = new Admission({ ...times, inFlightBytes });
    const services = { engine, tokens, clock, version, admission, figures: { all, own: 0 } };
    const more = { ...(times && { times }), ...(corsOrigins && { corsOrigins }), ...(tls && { tls }) };
    const app = buildApp({ ...services, log, ...more });
    const listener = new Listener(app);
    const { givenToken: given } = config;
    const backups = await Backups.open({ engine: engine.backups, dataDirectory, clock, log });
    stops.push(await openAdmin({ dataDirectory, engine, clock, audit, listener, givenToken: given, backups }, log));
    // Before the admin socket, which waits for whoever has asked for a backup.
    stops.push(() => backups.close());
    const others = new ServingThreads(engine.shares, { onLogLine, onDefect });
    stops.push(async () => {
      await Promise.all([listener.close(), others.close()]);
    });
    await listener.listen(config.listen, threads > 1 ? 'first' : 'alone');
    const { urls, ports } = listener;
    await others.serve({
      ports,
      corsOrigins,
      inFlightBytes,
      tls: config.tls,
      noAuth,
      logLevel: log.level,
      figures: all,
    });
    backups.start();
    const url = mainUrl(urls) ?? '';
    // Only now, because a token that was shown for a start that then failed would be lost.
    const mint = () =>
      mintFirstRootToken(engine, async token => {
        if (showToken) return showToken(token, url);
        log.info({ file: await writeTokenFile(dataDirectory, token) }, 'root token minted and written to a file');
      });
    if (!noAuth) await mint();
    setImmediate(() => loadFormParser().catch(error => log.warn({ err: error }, 'forms cannot be read yet')));
    let stopped: Promise<void> | undefined;
    return { url, urls, dataDirectory, close: () => (stopped ??= inReverse(stops)) };
  } catch (error) {
    await inReverse(stops).catch(stopError => log.error({ err: stopError }, 'while undoing a failed start'));
    throw error;
  }
}

async function openKeyPair(paths: KeyPairPaths, log: Logger, stops: (() => Promise<void>)[]): Promise<KeyPairFiles> {
  const files = await KeyPairFiles.open(paths, log);
  stops.push(() => Promise.resolve(files.close()));
  return files;
}

/** Takes every step, whether or not another fails; then rejects with the first error, if there was one. */
async function inReverse(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) await step().catch(error => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** A server without its admin socket still serves: some file systems have no sockets. */
async function openAdmin(parts: AdminParts, log: Logger): Promise<() => Promise<void>> {
  try {
    const onDefect = (error: unknown) => log.error({ err: error }, 'admin socket');
    const admin = await openAdminSocket(parts.dataDirectory, adminActions(parts), onDefect);
    return () => admin.close();
  } catch (error) {
    log.warn({ err: error }, 'no admin socket: stop the server before using the freehold token commands');
    return () => Promise.resolve();
  }
}
