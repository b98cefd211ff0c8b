/** JSON Schemas of tokens. */
import { LIMITS } from '../kv/limits.ts';
import type { Schema } from './schemas.ts';

const id = { type: 'string', pattern: '^[0-9a-f]{32}$' };
const name = { type: 'string', minLength: 1, maxLength: LIMITS.tokenNameCharacters };
const time = { type: 'string', format: 'date-time' };
const count = { type: 'integer', minimum: 1 };
const namespaceIds = { type: 'array', minItems: 1, maxItems: LIMITS.tokenNamespaces, items: id };

const properties = {
  id,
  name: { type: 'string' },
  status: { enum: ['active', 'expired'] },
  account_id: { ...id, description: 'The account that it is good for; without it, every one.' },
  namespace_ids: { ...namespaceIds, description: 'The namespaces whose pairs alone it is good for.' },
  read_only: { type: 'boolean', description: 'Whether it changes nothing.' },
  issued_on: time,
  expires_on: { ...time, description: 'Absent where it does not expire.' },
  last_used_on: { ...time, description: 'The beginning of the hour in which it was used last.' },
  requests_per_second: { ...count, description: 'How many requests it may make in a second; without it, any number.' },
  bytes_per_day: {
    ...count,
    description: 'How much request and answer bodies may have in a day by UTC; without it, any number.',
  },
};

const required = ['id', 'name', 'status', 'read_only', 'issued_on'];

export const TOKEN: Schema = { type: 'object', required, properties, additionalProperties: false };

export const TOKEN_WITH_VALUE: Schema = {
  ...TOKEN,
  required: [...required, 'value'],
  properties: {
    ...properties,
    value: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$', description: 'The token itself, which is not kept.' },
  },
};

const { account_id, expires_on, requests_per_second, bytes_per_day } = properties;

export const NEW_TOKEN: Schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name,
    account_id: orNull(account_id),
    namespace_ids: orNull({ ...properties.namespace_ids, description: 'In the account, which then has to be named.' }),
    read_only: orNull(properties.read_only),
    expires_on: orNull(expires_on),
    requests_per_second: orNull(requests_per_second),
    bytes_per_day: orNull(bytes_per_day),
  },
  additionalProperties: false,
};

export const REVOKED_TOKEN: Schema = { type: 'object', required: ['id'], properties: { id } };

function orNull<Type extends { readonly type: string }>(schema: Type): Schema {
  return { ...schema, type: [schema.type, 'null'] };
}
