/**
 * Every error that a client can get, in one table: HTTP status, Cloudflare's code, text, and when it happens.
 * Codes of the form 10000 + HTTP status, other than 10405, are Freehold's own, for cases in which Cloudflare
 * answers without an envelope or that it does not have. `docs/errors.md` is held to this table by a test.
 */
export const ERRORS = {
  credentialsMissing: {
    status: 400,
    code: 9106,
    text: 'Missing X-Auth-Key, X-Auth-Email or Authorization headers',
    when: 'The request carries no credentials.',
  },
  authorizationMalformed: {
    status: 400,
    code: 6003,
    text: 'Invalid request headers',
    chain: { code: 6111, message: 'Invalid format for Authorization header' },
    when: '`Authorization` is not `Bearer` and a token.',
  },
  authEmailMalformed: {
    status: 400,
    code: 6003,
    text: 'Invalid request headers',
    chain: { code: 6102, message: 'Invalid format for X-Auth-Email header' },
    when: '`X-Auth-Email` is not an e-mail address.',
  },
  authKeyMalformed: {
    status: 400,
    code: 6003,
    text: 'Invalid request headers',
    chain: { code: 6103, message: 'Invalid format for X-Auth-Key header' },
    when: '`X-Auth-Key` is empty or has a space in it.',
  },
  tokenUnknown: {
    status: 401,
    code: 10000,
    text: 'Authentication error',
    when: 'The token is not known, was revoked or has expired.',
  },
  tokenNotVerified: {
    status: 401,
    code: 1000,
    text: 'Invalid API Token',
    when: 'The same for `/user/tokens/verify`.',
  },
  tokenForbidden: {
    status: 403,
    code: 10000,
    text: 'Authentication error: the token is not good for this',
    when: 'The token is known, but limited to another account or namespace, or to the pairs of a namespace, or is not the root token where that is needed.',
  },
  tokenReadOnly: {
    status: 403,
    code: 10000,
    text: 'Authentication error: the token is good for reading only',
    when: 'A change with a token that may only read.',
  },
  authKeyUnknown: {
    status: 403,
    code: 9103,
    text: 'Unknown X-Auth-Key or X-Auth-Email',
    when: 'The key in `X-Auth-Key` is not a known token, or one that was revoked or has expired.',
  },
  tokenRateExceeded: {
    status: 429,
    code: 971,
    text: 'Please wait and consider throttling your request speed',
    when: 'The token has made as many requests in this second as it may.',
  },
  tokenBytesExceeded: {
    status: 429,
    code: 10048,
    text: 'the token has reached its limit of {limit} bytes for today',
    when: 'The token has sent and received as much in this day as it may.',
  },
  pageForbidden: {
    status: 403,
    code: 10403,
    text: 'without authentication, requests of web pages are refused ({header})',
    when: 'A server with `--no-auth` gets a request with `Origin`, or one that the page of another site makes.',
  },
  hostForbidden: {
    status: 403,
    code: 10403,
    text: 'without authentication, the host has to be localhost or a loopback address, not {host}',
    when: 'A server with `--no-auth` gets a request whose `Host` is neither; `fake-host` passes for a KV binding.',
  },

  routeNotFound: {
    status: 404,
    code: 7003,
    text: 'Could not route to {path}, perhaps your object identifier is invalid?',
    when: 'The path is unknown, or the account id is not 32 hexadecimal digits.',
  },
  noRouteForUri: { status: 404, code: 7000, text: 'No route for that URI', when: 'Always beside 7003.' },
  methodNotAllowed: {
    status: 405,
    code: 10000,
    text: '{method} method not allowed for the api_token authentication scheme',
    when: 'The path exists, but not with this method.',
  },
  requestMalformed: {
    status: 400,
    code: 10400,
    text: 'Malformed HTTP request',
    when: 'The bytes on the connection are not an HTTP/1.1 request.',
  },
  requestTimeout: {
    status: 408,
    code: 10408,
    text: 'The request did not arrive in time',
    when: 'Headers or body took longer than the limits allow.',
  },
  requestHeadersTooLarge: {
    status: 431,
    code: 10431,
    text: 'Request line and headers exceed the limit of {limit} bytes.',
    when: 'Request line and headers are too large.',
  },
  bodyTooLarge: {
    status: 413,
    code: 10413,
    text: 'Request body exceeds the limit of {limit} bytes.',
    when: 'A bulk or JSON body is too large.',
  },
  contentEncodingUnsupported: {
    status: 415,
    code: 10415,
    text: 'Content-Encoding {encoding} is not supported; it may be one of {accepted}.',
    when: 'A request body is compressed in another way, or more than once.',
  },
  bodyNotDecodable: {
    status: 400,
    code: 10400,
    text: 'Request body is not valid {encoding}: {detail}',
    when: 'A compressed body is cut short or corrupt, is followed by something else, or needs too large a window.',
  },

  namespaceIdMalformed: {
    status: 400,
    code: 10011,
    text: "could not parse UUID from request's namespace_id: 'invalid namespace format: {id}'",
    when: 'A namespace id is not 32 hexadecimal digits.',
  },
  namespaceNotFound: {
    status: 404,
    code: 10013,
    text: "get namespace: 'namespace not found'",
    when: 'The account has no such namespace.',
  },
  removedNamespaceNotFound: {
    status: 404,
    code: 10013,
    text: 'namespace not found',
    when: 'The namespace to delete does not exist.',
  },
  boundNamespaceNotFound: {
    status: 400,
    code: 10013,
    text: 'namespace not found: {id}',
    when: 'The same through a KV binding, where 404 would stand for a missing key.',
  },
  boundNamespaceMissing: {
    status: 400,
    code: 10011,
    text: 'no namespace is named: send its id in the header Freehold-Namespace, or in the path as /binding/<namespace id>/',
    when: 'A request of a KV binding says nowhere which namespace it is for.',
  },
  boundNamespaceAmbiguous: {
    status: 400,
    code: 10011,
    text: 'several accounts have a namespace {id}: send the account id in the header Freehold-Account',
    when: 'A namespace id that a KV binding names is in use in several accounts.',
  },
  accountIdMalformed: {
    status: 400,
    code: 10011,
    text: 'could not parse account id: {id}',
    when: '`Freehold-Account` is not 32 hexadecimal digits.',
  },
  titleTaken: {
    status: 400,
    code: 10014,
    text: 'a namespace with this account ID and title already exists',
    when: 'Create or rename to a title in use.',
  },
  namespaceIdTaken: {
    status: 400,
    code: 10014,
    text: 'a namespace with this account ID and id already exists',
    when: 'Create with an `id` in use.',
  },
  tooManyNamespaces: {
    status: 400,
    code: 10018,
    text: 'too many namespaces in this account: the limit is {limit}',
    when: 'The account already holds as many namespaces as it may.',
  },
  titleMissing: {
    status: 400,
    code: 10019,
    text: 'request is missing a title definition',
    when: '`title` is absent, empty or not a string.',
  },
  titleTooLong: {
    status: 400,
    code: 10019,
    text: 'title of {characters} characters exceeds the limit of {limit}',
    when: '`title` is too long.',
  },
  jurisdictionInvalid: {
    status: 400,
    code: 10012,
    text: 'jurisdiction must be one of {allowed}',
    when: '`jurisdiction` is none of the known ones.',
  },
  namespaceBodyMalformed: {
    status: 400,
    code: 10012,
    text: "could not parse namespace from request body: '{detail}'",
    when: 'The body of create or rename is not a JSON object.',
  },
  pageInvalid: {
    status: 400,
    code: 10007,
    text: 'page argument must be an integer of at least 1',
    when: 'List namespaces with a bad `page`.',
  },
  perPageInvalid: {
    status: 400,
    code: 10008,
    text: 'per_page argument must be an integer from 1 to {limit}',
    when: 'List namespaces with a bad `per_page`.',
  },
  orderInvalid: {
    status: 400,
    code: 10043,
    text: 'order argument must be one of id, title',
    when: 'List namespaces with a bad `order`.',
  },
  directionInvalid: {
    status: 400,
    code: 10044,
    text: 'direction argument must be one of asc, desc',
    when: 'List namespaces with a bad `direction`.',
  },

  tokenNotFound: {
    status: 404,
    code: 10404,
    text: 'token not found',
    when: 'The token to revoke does not exist.',
  },
  tokenBodyMalformed: {
    status: 400,
    code: 10012,
    text: "could not parse token from request body: '{detail}'",
    when: 'The body that describes a new token is not a JSON object.',
  },
  tooManyTokens: {
    status: 400,
    code: 10018,
    text: 'too many tokens: the limit is {limit}',
    when: 'There are as many tokens as there may be.',
  },
  tokenMemberInvalid: {
    status: 400,
    code: 10012,
    text: '{member} must be {expected}',
    when: 'A member of a new token is missing, wrong or not known.',
  },

  limitTooSmall: {
    status: 400,
    code: 10028,
    text: 'limit argument must be at least {limit}',
    when: 'List keys with too small a `limit`.',
  },
  limitTooLarge: {
    status: 400,
    code: 10028,
    text: 'limit argument must be at most {limit}',
    when: 'List keys with too large a `limit`.',
  },
  limitNotInteger: {
    status: 400,
    code: 10028,
    text: 'limit argument must be an integer',
    when: 'List keys with a `limit` that is no integer.',
  },
  keyCountLimitTooSmall: {
    status: 400,
    code: 10028,
    text: 'Invalid key_count_limit of {count}. Please specify an integer greater than 0.',
    when: 'List keys through a KV binding with a `key_count_limit` that is no positive integer.',
  },
  keyCountLimitTooLarge: {
    status: 400,
    code: 10028,
    text: 'Invalid key_count_limit of {count}. Please specify an integer less than {limit}.',
    when: 'List keys through a KV binding with too large a `key_count_limit`.',
  },
  cursorInvalid: {
    status: 400,
    code: 10041,
    text: "list keys: 'invalid cursor'",
    when: 'List keys with a cursor that no page gave.',
  },

  httpVersionTooLow: {
    status: 505,
    code: 10505,
    text: 'An export needs HTTP/1.1',
    when: 'An export is asked for by HTTP/1.0, where one that is cut off would look whole.',
  },
  parameterInvalid: {
    status: 400,
    code: 10400,
    text: '{parameter} argument must be {expected}',
    when: "A query parameter of Freehold's own endpoints is missing or wrong.",
  },

  keyNotFound: {
    status: 404,
    code: 10009,
    text: "{operation}: 'key not found'",
    when: 'The key does not exist, or has expired.',
  },
  keyTooLong: {
    status: 414,
    code: 10030,
    text: "{operation}: 'UTF-8 encoded length of {bytes} exceeds key length limit of {limit}.'",
    when: 'A key (or prefix) is too long.',
  },
  keyIllegal: {
    status: 400,
    code: 10042,
    text: '{operation}: \'Illegal key name "{key}". Please use a different name.\'',
    when: 'The key is `.` or `..`.',
  },
  keyEmpty: {
    status: 400,
    code: 10042,
    text: "{operation}: 'Key names must not be empty'",
    when: 'A key in a body is empty.',
  },
  keyNotDecodable: {
    status: 400,
    code: 10042,
    text: "{operation}: 'Could not URL-decode key name'",
    when: 'The key in the path has a bad percent escape or is not UTF-8.',
  },

  cacheTtlInvalid: {
    status: 400,
    code: 10034,
    text: 'Invalid cache_ttl of {ttl}. Cache TTL must be at least {limit}.',
    when: 'Read through a KV binding with a `cacheTtl` under 30 seconds, or one that is no number.',
  },

  valueTooLarge: {
    status: 413,
    code: 10024,
    text: "{operation}: 'Value length of {bytes} exceeds limit of {limit}.'",
    when: 'A value is too large.',
  },
  metadataTooLarge: {
    status: 413,
    code: 10047,
    text: "{operation}: 'Metadata length of {bytes} exceeds limit of {limit}.'",
    when: 'Metadata is too large.',
  },
  metadataNotJson: {
    status: 400,
    code: 10147,
    text: 'metadata must be valid json',
    when: 'The `metadata` part is not a JSON text.',
  },
  multipartValueMissing: {
    status: 400,
    code: 10047,
    text: "multipart put request does not contain required form field 'value': '%!s(<nil>)'",
    when: 'A multipart body has no part named `value`.',
  },
  multipartMalformed: {
    status: 400,
    code: 10012,
    text: "{operation}: 'could not parse multipart body: {detail}'",
    when: 'A multipart body is cut short, has no boundary, or has too many parts.',
  },
  expirationNotFuture: {
    status: 400,
    code: 10033,
    text: "{operation}: 'Invalid expiration of {expiration}. Please specify integer greater than the current number of seconds since the UNIX epoch.'",
    when: '`expiration` lies in the past or is no integer.',
  },
  expirationTooSoon: {
    status: 400,
    code: 10033,
    text: "{operation}: 'Invalid expiration of {expiration}. Expiration times must be at least {limit} seconds in the future.'",
    when: '`expiration` is less than 60 seconds ahead.',
  },
  ttlNotPositive: {
    status: 400,
    code: 10034,
    text: "{operation}: 'Invalid expiration_ttl of {ttl}. Please specify integer greater than 0.'",
    when: '`expiration_ttl` is zero, negative or no integer.',
  },
  ttlTooShort: {
    status: 400,
    code: 10034,
    text: "{operation}: 'Invalid expiration_ttl of {ttl}. Expiration TTL must be at least {limit}.'",
    when: '`expiration_ttl` is less than 60 seconds.',
  },

  pairsMalformed: {
    status: 400,
    code: 10012,
    text: "could not parse array of key-value pairs from request body: '{detail}'",
    when: 'The body of a bulk write is not a JSON array.',
  },
  keysMalformed: {
    status: 400,
    code: 10012,
    text: "could not parse array of keys from request body: '{detail}'",
    when: 'The body of a bulk delete is not a JSON array of strings, or that of a bulk get not an object with one.',
  },
  memberInvalid: {
    status: 400,
    code: 10012,
    text: "{operation}: '{member} must be {expected}'",
    when: 'A member of a bulk item, or of what a clear or copy asks for, is missing or wrong.',
  },
  base64Invalid: {
    status: 400,
    code: 10012,
    text: "{operation}: 'could not base64 decode value for key: \"{key}\", err: 'illegal base64 data at input byte {byte}''",
    when: 'A value with `base64: true` is not standard base64 with padding.',
  },
  duplicateKey: {
    status: 400,
    code: 10012,
    text: '{operation}: \'received duplicate key with different values or expiration parameters: "{key}"\'',
    when: 'A bulk write names one key twice with different contents.',
  },
  keysTaken: {
    status: 409,
    code: 10409,
    text: "{operation}: '{count} of the keys are there already, such as {keys}'",
    when: 'An import or a copy that is to fail on conflicts meets pairs that are there; nothing was written.',
  },
  tooManyPairs: {
    status: 400,
    code: 10029,
    text: "{operation}: 'You can write a maximum of {limit} pairs, received {count}'",
    when: 'A bulk write has too many pairs.',
  },
  tooManyKeys: {
    status: 400,
    code: 10029,
    text: "{operation}: 'You can delete a maximum of {limit} keys, received {count}'",
    when: 'A bulk delete has too many keys.',
  },
  bulkGetTooManyKeys: {
    status: 400,
    code: 10029,
    text: "{operation}: 'You can request a maximum of {limit} keys'",
    when: 'A bulk get has too many keys.',
  },
  bulkGetNoKeys: {
    status: 400,
    code: 10029,
    text: "{operation}: 'You must request a minimum of 1 key'",
    when: 'A bulk get has no keys.',
  },
  bulkGetTypeInvalid: {
    status: 400,
    code: 10029,
    text: '{operation}: \'"{type}" is not a valid type. Use "json" or "text"\'',
    when: 'A bulk get asks for another type.',
  },
  bulkGetNotText: {
    status: 400,
    code: 10029,
    text: "{operation}: 'At least one of the requested keys corresponds to a non-text value'",
    when: 'A value in a bulk get is not UTF-8.',
  },
  bulkGetNotJson: {
    status: 400,
    code: 10029,
    text: "{operation}: 'At least one of the requested keys corresponds to a non-json value'",
    when: 'A value in a bulk get of type `json` is not JSON.',
  },
  bulkGetTooLarge: {
    status: 413,
    code: 10029,
    text: "{operation}: 'Total size of request exceeds the limit of 25MB'",
    when: 'The values of a bulk get add up to more than 25 MiB.',
  },

  internal: {
    status: 500,
    code: 10500,
    text: 'Internal error; the server log says more under request {requestId}',
    when: 'A defect in Freehold.',
  },
  engineUnavailable: {
    status: 503,
    code: 10503,
    text: 'The storage engine cannot take this request: {reason}',
    when: 'The engine is stopping or has failed. A change under way may have been made; repeating it is safe.',
  },
  overloaded: {
    status: 503,
    code: 10503,
    text: 'Too much is in flight already; nothing was changed, try again',
    when: 'The bodies and answers under way have left no room in memory for this one for 30 seconds.',
  },
  tooManyScans: {
    status: 503,
    code: 10503,
    text: 'Too many exports, counts and copies are under way; the limit is {limit}, try again later',
    when: 'As many as the limits allow are under way already.',
  },
  scanEnded: {
    status: 503,
    code: 10503,
    text: 'So much was written meanwhile that the namespace as it was could not be kept any longer; try again',
    when: 'A count, or an export that has not begun to be sent, is overtaken by writes; an export that is under way is cut off.',
  },
  storageFull: {
    status: 507,
    code: 10507,
    text: 'Not enough free disk space; nothing was written',
    when: 'Free space is under the floor, or would fall under it.',
  },
} as const satisfies Record<string, ErrorRow>;

export interface ErrorRow {
  readonly status: number;
  readonly code: number;
  /** `{name}` is replaced by the parameter of that name, `{operation}` by the name of the operation. */
  readonly text: string;
  /** The second, more exact error that Cloudflare nests in `error_chain`. */
  readonly chain?: { readonly code: number; readonly message: string };
  readonly when: string;
}

export type ErrorName = keyof typeof ERRORS;

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;
type ParameterName<Name extends ErrorName> = Exclude<Placeholder<(typeof ERRORS)[Name]['text']>, 'operation'>;
type Parameters<Name extends ErrorName> = [ParameterName<Name>] extends [never]
  ? []
  : [parameters: Readonly<Record<ParameterName<Name>, string | number>>];

/** One thing that is wrong with a request. */
export interface Fault {
  readonly name: ErrorName;
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Which item of a bulk request it concerns: its position from 0, and its key where it has one. */
  readonly item?: { readonly index: number; readonly key?: string };
}

export function fault<Name extends ErrorName>(name: Name, ...[parameters]: Parameters<Name>): Fault {
  return { name, parameters: parameters ?? {} };
}

const SHOWN_KEY_CHARACTERS = 64;

/** A key as error texts show it: cut where it is long. */
export function shownKey(key: string): string {
  return key.length > SHOWN_KEY_CHARACTERS ? `${key.slice(0, SHOWN_KEY_CHARACTERS).toWellFormed()}…` : key;
}

/** A request that cannot be fulfilled, with one fault or several. The status is that of the first. */
export class KvError extends Error {
  readonly faults: readonly [Fault, ...Fault[]];
  /** How many faults there are in all, listed or not. */
  readonly faultCount: number;

  constructor(faults: readonly [Fault, ...Fault[]], faultCount = faults.length) {
    super(faults[0].name);
    this.name = 'KvError';
    this.faults = faults;
    this.faultCount = faultCount;
  }

  get status(): number {
    return ERRORS[this.faults[0].name].status;
  }
}

/** The error for a single fault. */
export function kvError<Name extends ErrorName>(name: Name, ...parameters: Parameters<Name>): KvError {
  return new KvError([fault(name, ...parameters)]);
}
