/** JSON Schemas of what the API takes and gives: the one source of the OpenAPI description. */
import { LIMITS } from '../kv/limits.ts';
import { JURISDICTIONS } from '../kv/namespaces.ts';

export type Schema = Readonly<Record<string, unknown>>;

const id = { type: 'string', pattern: '^[0-9a-f]{32}$' };
const seconds = { type: 'integer', description: 'Seconds since the Unix epoch.' };
const anyMetadata = { description: `Any JSON value of at most ${LIMITS.metadataBytes} bytes as text.` };

export const NULL: Schema = { type: 'null' };
const KEY: Schema = {
  type: 'string',
  minLength: 1,
  description: `At most ${LIMITS.keyBytes} bytes in UTF-8; not "." or "..".`,
};

export const NAMESPACE: Schema = {
  type: 'object',
  required: ['id', 'title', 'supports_url_encoding'],
  properties: {
    id,
    title: { type: 'string', maxLength: LIMITS.titleCharacters },
    supports_url_encoding: { const: true },
    jurisdiction: { enum: JURISDICTIONS },
  },
};

export const NEW_NAMESPACE: Schema = {
  type: 'object',
  required: ['title'],
  properties: {
    title: { type: 'string', minLength: 1, maxLength: LIMITS.titleCharacters },
    jurisdiction: { enum: [...JURISDICTIONS, null] },
    id: { ...id, description: 'The id to give it, which Freehold alone takes; a random one otherwise.' },
  },
};

export const NEW_TITLE: Schema = {
  type: 'object',
  required: ['title'],
  properties: { title: { type: 'string', minLength: 1, maxLength: LIMITS.titleCharacters } },
};

export const LISTED_KEY: Schema = {
  type: 'object',
  required: ['name'],
  properties: { name: KEY, expiration: seconds, metadata: anyMetadata },
};

export const METADATA: Schema = anyMetadata;

export const VALUE_FORM: Schema = {
  type: 'object',
  required: ['value'],
  properties: {
    value: { type: 'string', description: `At most ${LIMITS.valueBytes} bytes.` },
    metadata: { type: 'string', description: 'A JSON text.' },
  },
};

export const BULK_PAIRS: Schema = {
  type: 'array',
  maxItems: LIMITS.bulkPutPairs,
  items: {
    type: 'object',
    required: ['key', 'value'],
    properties: {
      key: KEY,
      value: { type: 'string', description: `At most ${LIMITS.valueBytes} bytes as stored.` },
      base64: { type: ['boolean', 'null'], description: 'Whether the value is to be decoded from base64.' },
      expiration: { type: ['integer', 'null'], description: 'Seconds since the Unix epoch, at least a minute ahead.' },
      expiration_ttl: {
        type: ['integer', 'null'],
        minimum: LIMITS.expirationTtlSecondsMin,
        description: 'Seconds from now; wins over `expiration`.',
      },
      metadata: anyMetadata,
    },
  },
};

export const BULK_KEYS: Schema = { type: 'array', maxItems: LIMITS.bulkDeleteKeys, items: KEY };

export const BULK_RESULT: Schema = {
  type: 'object',
  required: ['successful_key_count', 'unsuccessful_keys'],
  properties: {
    successful_key_count: { type: 'integer', minimum: 0 },
    unsuccessful_keys: { type: 'array', items: KEY },
  },
};

const bulkGetProperties = {
  keys: { type: 'array', minItems: 1, maxItems: LIMITS.bulkGetKeys, items: KEY },
  type: { enum: ['text', 'json', null], default: 'text' },
  withMetadata: { type: ['boolean', 'null'], default: false },
};

export const BULK_GET: Schema = { type: 'object', required: ['keys'], properties: bulkGetProperties };

export const BULK_GET_RESULT: Schema = {
  type: 'object',
  required: ['values'],
  properties: {
    values: {
      type: 'object',
      description:
        'A member a key: null for a missing key, the value, or with `withMetadata` an object of `value`, `metadata` and `expiration`.',
      additionalProperties: true,
    },
  },
};

export const VERIFIED_TOKEN: Schema = {
  type: 'object',
  required: ['id', 'status'],
  properties: { id, status: { const: 'active' }, expires_on: { type: 'string', format: 'date-time' } },
};

export const USER: Schema = {
  type: 'object',
  required: ['id', 'email'],
  properties: { id, email: { type: 'string' } },
};

export const ACCOUNT: Schema = {
  type: 'object',
  required: ['id', 'name', 'type'],
  properties: { id, name: { type: 'string' }, type: { const: 'standard' } },
};

export const MEMBERSHIP: Schema = {
  type: 'object',
  required: ['id', 'status', 'account', 'roles'],
  properties: {
    id,
    status: { const: 'accepted' },
    account: ACCOUNT,
    roles: { type: 'array', items: { type: 'string' } },
  },
};

export const PAGE_INFO: Schema = {
  type: 'object',
  required: ['count', 'page', 'per_page', 'total_count', 'total_pages'],
  properties: {
    count: { type: 'integer' },
    page: { type: 'integer' },
    per_page: { type: 'integer' },
    total_count: { type: 'integer' },
    total_pages: { type: 'integer' },
  },
};

export const CURSOR_INFO: Schema = {
  type: 'object',
  required: ['count', 'cursor'],
  properties: {
    count: { type: 'integer' },
    cursor: { type: 'string', description: 'For the next page; empty on the last one.' },
  },
};

export const BOUND_LIST: Schema = {
  type: 'object',
  required: ['keys', 'list_complete'],
  properties: {
    keys: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: KEY,
          expiration: seconds,
          metadata: { type: 'string', contentMediaType: 'application/json', description: 'A JSON text.' },
        },
      },
    },
    list_complete: { type: 'boolean' },
    cursor: { type: 'string', description: 'For the next page; absent on the last one.' },
  },
};

export const BOUND_BULK_GET: Schema = {
  ...BULK_GET,
  properties: {
    ...bulkGetProperties,
    cacheTtl: { type: ['integer', 'string', 'null'], description: 'In seconds; without effect.' },
  },
};

export const BOUND_BULK_VALUES: Schema = {
  type: 'object',
  description:
    'A member a key: null for a missing key, the value, or with `withMetadata` an object of `value` and `metadata`.',
  additionalProperties: true,
};
