/** What `freehold serve` is told. */
import { inheritedSockets } from '../inherited-sockets.ts';
import { isLoopback, type ListenAddress, SYSTEMD } from '../listen-address.ts';
import { usageError } from '../operator-error.ts';
import type { OptionValue } from '../options.ts';
import { type GivenToken, givenToken } from './given-token.ts';
import { read, readOrDefault, type Settings } from './settings.ts';

export interface ServeConfig {
  readonly dataDirectory: string;
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  /** How many serve HTTP. */
  readonly threads: number;
  /** Where TLS is spoken on ports. */
  readonly tls?: KeyPairPaths;
  /** Whether nobody is asked for a token. */
  readonly noAuth?: boolean;
  /** Whose web pages may use the server; `*` stands for any. Without it, none. */
  readonly corsOrigins?: readonly string[];
  /** The root token that the operator gives, if any. */
  readonly givenToken?: GivenToken;
  readonly logLevel: OptionValue<'logLevel'>;
  readonly logFormat: OptionValue<'logFormat'>;
  readonly diskFreeBytesMin?: number;
  /** Of large bodies and answers under way, in all threads together; without it, what `LIMITS` has. */
  readonly inFlightBytesMax?: number;
}

/** Files in PEM. */
export interface KeyPairPaths {
  readonly certificate: string;
  readonly key: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function serveConfig(settings: Settings): ServeConfig {
  const token = givenToken(settings);
  const corsOrigins = read(settings, 'corsOrigins')?.value;
  const diskFreeBytesMin = read(settings, 'diskFreeBytesMin')?.value;
  const inFlightBytesMax = read(settings, 'inFlightBytesMax')?.value;
  const listen = readListen(settings);
  const tls = readKeyPairPaths(settings);
  const noAuth = readNoAuth(settings, listen);
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    listen,
    threads: readThreads(settings, listen),
    ...(tls && { tls }),
    ...(noAuth && { noAuth }),
    ...(corsOrigins && { corsOrigins }),
    ...(token && { givenToken: token }),
    logLevel: readOrDefault(settings, 'logLevel'),
    logFormat: readOrDefault(settings, 'logFormat'),
    ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
    ...(inFlightBytesMax !== undefined && { inFlightBytesMax }),
  };
}

/** Flags beat the environment here, too: `--host` takes the place of FREEHOLD_LISTEN, `--listen` of FREEHOLD_HOST. */
function readListen(settings: Settings): readonly ListenAddress[] {
  const { flags } = settings;
  const byFlag = (['listen', 'host', 'port'] as const).some(name => flags.has(name));
  const listen = byFlag && !flags.has('listen') ? undefined : read(settings, 'listen');
  if (listen === undefined) return [{ host: readOrDefault(settings, 'host'), port: readOrDefault(settings, 'port') }];
  const others = [read(settings, 'host'), read(settings, 'port')].flatMap(given => given?.source ?? []);
  const rivals = byFlag ? others.filter(source => source.startsWith('--')) : others;
  if (rivals.length > 0) {
    const message = `${rivals.join(' and ')} cannot be set beside ${listen.source}, which gives host and port itself`;
    throw usageError(message, settings.command);
  }
  return listen.value.flatMap(address =>
    address === SYSTEMD ? inheritedSockets(settings.environment, process.pid) : address,
  );
}

function readKeyPairPaths(settings: Settings): KeyPairPaths | undefined {
  const certificate = read(settings, 'tlsCertificate');
  const key = read(settings, 'tlsKey');
  if (certificate && key) return { certificate: certificate.value, key: key.value };
  const alone = certificate ?? key;
  if (alone === undefined) return undefined;
  throw usageError(`${alone.source} is set alone: --tls-cert and --tls-key belong together`, settings.command);
}

/** Refused together with everything that would let others in than this machine, and with what says that a token counts. */
function readNoAuth(settings: Settings, listen: readonly ListenAddress[]): boolean {
  const noAuth = read(settings, 'noAuth');
  if (!noAuth?.value) return false;
  const rivals = (['corsOrigins', 'token', 'tokenFile'] as const).flatMap(name => read(settings, name)?.source ?? []);
  if (rivals.length > 0) throw usageError(`${noAuth.source} cannot be set beside ${rivals[0]}`, settings.command);
  const exposed = listen.find(address => !staysHere(address));
  if (exposed === undefined) return true;
  const where = 'host' in exposed ? exposed.host : SYSTEMD;
  const message = `${noAuth.source} takes loopback addresses and unix:PATH alone, and ${where} is neither`;
  throw usageError(message, settings.command);
}

function staysHere(address: ListenAddress): boolean {
  return 'path' in address || ('host' in address && isLoopback(address.host));
}

function readThreads(settings: Settings, listen: readonly ListenAddress[]): number {
  const threads = readOrDefault(settings, 'threads');
  if (threads === 1 || listen.some(address => 'port' in address)) return threads;
  const source = read(settings, 'threads')?.source;
  throw usageError(
    `${source} cannot be above 1 without a port: one thread serves Unix sockets, and those of systemd`,
    settings.command,
  );
}
