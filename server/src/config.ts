/** Turns settings into a command's configuration: flags beat the environment, which beats the defaults. */
import { inheritedSockets } from './inherited-sockets.ts';
import { isLoopback, type ListenAddress, SYSTEMD } from './listen-address.ts';
import { type OperatorError, usageError } from './operator-error.ts';
import type { Expires } from './option-values.ts';
import { type ClientName, type Command, OPTIONS, type Option, type OptionName, type OptionValue } from './options.ts';

/** A text, and the flag or variable that gave it. */
export interface Setting {
  readonly source: string;
  readonly text: string;
}

export interface Settings {
  readonly command: Command;
  /** What the command was given beside its flags. */
  readonly argument?: string;
  readonly flags: ReadonlyMap<OptionName, Setting>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

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

/** `source` is the flag or variable, to be named where something has to be changed there. */
export type GivenToken = { readonly source: string } & ({ readonly token: string } | { readonly file: string });

export interface ConnectConfig {
  readonly dataDirectory: string;
  /** Its id or its title. */
  readonly namespace: string;
  readonly client: ClientName;
  readonly account?: string;
  /** Whether the namespace is made where there is none. */
  readonly create: boolean;
  /** Whether the token changes nothing. */
  readonly readOnly: boolean;
  readonly expires?: Expires;
  /** Where clients reach the server, if not where it listens; without a slash at its end, or `unix:` and a path. */
  readonly url?: string;
}

export interface DoctorConfig {
  readonly dataDirectory: string;
  readonly diskFreeBytesMin?: number;
}

export interface TokenConfig {
  readonly dataDirectory: string;
}

export interface TokenCreateConfig extends TokenConfig {
  readonly name: string;
  readonly account?: string;
  /** Ids or titles. */
  readonly namespaces?: readonly string[];
  readonly readOnly: boolean;
  readonly expires?: Expires;
  readonly requestsPerSecond?: number;
  readonly bytesPerDay?: number;
}

export interface TokenListConfig extends TokenConfig {
  readonly json: boolean;
}

export interface TokenRevokeConfig extends TokenConfig {
  /** Its id or its name. */
  readonly token: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function serveConfig(settings: Settings): ServeConfig {
  const givenToken = readGivenToken(settings);
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
    ...(givenToken && { givenToken }),
    logLevel: readOrDefault(settings, 'logLevel'),
    logFormat: readOrDefault(settings, 'logFormat'),
    ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
    ...(inFlightBytesMax !== undefined && { inFlightBytesMax }),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function connectConfig(settings: Settings): ConnectConfig {
  const { command, argument = '' } = settings;
  if (argument === '') throw usageError('connect needs a NAMESPACE: its id or its title', command);
  const client = read(settings, 'client')?.value;
  if (client === undefined) throw usageError(`connect needs --for: ${OPTIONS.client.expected}`, command);
  const account = read(settings, 'account')?.value;
  const url = read(settings, 'url')?.value;
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    namespace: argument,
    client,
    ...(account !== undefined && { account }),
    create: readOrDefault(settings, 'create'),
    readOnly: readOrDefault(settings, 'readOnly'),
    ...given(settings, 'expires'),
    ...(url !== undefined && { url }),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function doctorConfig(settings: Settings): DoctorConfig {
  const diskFreeBytesMin = read(settings, 'diskFreeBytesMin')?.value;
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenConfig(settings: Settings): TokenConfig {
  return { dataDirectory: readOrDefault(settings, 'dataDirectory') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenCreateConfig(settings: Settings): TokenCreateConfig {
  const name = read(settings, 'name')?.value;
  if (name === undefined) throw usageError('token create needs --name: what the token is called', settings.command);
  return {
    ...tokenConfig(settings),
    name,
    ...given(settings, 'account'),
    ...given(settings, 'namespaces'),
    readOnly: readOrDefault(settings, 'readOnly'),
    ...given(settings, 'expires'),
    ...given(settings, 'requestsPerSecond'),
    ...given(settings, 'bytesPerDay'),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenListConfig(settings: Settings): TokenListConfig {
  return { ...tokenConfig(settings), json: readOrDefault(settings, 'json') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenRevokeConfig(settings: Settings): TokenRevokeConfig {
  const { command, argument = '' } = settings;
  if (argument === '') throw usageError('token revoke needs a TOKEN: its id or its name', command);
  return { ...tokenConfig(settings), token: argument };
}

/** An option as a member, where it is set. */
function given<Name extends OptionName>(
  settings: Settings,
  name: Name,
): { readonly [Member in Name]?: OptionValue<Name> } {
  const value = read(settings, name)?.value;
  return (value === undefined ? {} : { [name]: value }) as { readonly [Member in Name]?: OptionValue<Name> };
}

function readGivenToken(settings: Settings): GivenToken | undefined {
  const token = read(settings, 'token');
  const file = read(settings, 'tokenFile');
  if (token && file) {
    const message = `${token.source} and ${file.source} are both set: give the root token by one of them`;
    throw usageError(message, settings.command);
  }
  if (token) return { source: token.source, token: token.value };
  return file && { source: file.source, file: file.value };
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

type Defaulted = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { readonly default: string } ? Name : never;
}[OptionName];

function readOrDefault<Name extends Defaulted>(settings: Settings, name: Name): OptionValue<Name> {
  return (read(settings, name) ?? parse(settings.command, name, { source: name, text: OPTIONS[name].default })).value;
}

interface Given<Name extends OptionName> {
  readonly source: string;
  readonly value: OptionValue<Name>;
}

function read<Name extends OptionName>(settings: Settings, name: Name): Given<Name> | undefined {
  const { command, flags, environment } = settings;
  const flag = flags.get(name);
  if (flag) return parse(command, name, flag);
  const { variable } = OPTIONS[name];
  const text = environment[variable];
  // An empty variable is what `${NAME:-}` in a compose file leaves where nothing was meant.
  return text === undefined || text === '' ? undefined : parse(command, name, { source: variable, text });
}

function parse<Name extends OptionName>(command: Command, name: Name, setting: Setting): Given<Name> {
  const option: Option<unknown> = OPTIONS[name];
  const value = option.parse(setting.text);
  if (value === undefined) throw notAsExpected(command, name, setting);
  return { source: setting.source, value: value as OptionValue<Name> };
}

/** The error for a text that is not what the option wants. */
export function notAsExpected(command: Command, name: OptionName, { source, text }: Setting): OperatorError {
  const { expected, secret }: Option<unknown> = OPTIONS[name];
  const found = secret ? '' : `, not ${JSON.stringify(text)}`;
  return usageError(`${source} must be ${expected}${found}`, command);
}
