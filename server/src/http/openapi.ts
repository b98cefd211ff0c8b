/** The OpenAPI 3.1 description, made of the routes themselves. */
import { ERRORS } from '../kv/errors.ts';
import type { Answer, Route } from './route.ts';
import type { Schema } from './schemas.ts';

const ERROR_ITEM: Schema = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'integer', enum: [...new Set(Object.values(ERRORS).map(row => row.code))].sort((a, b) => a - b) },
    message: { type: 'string' },
    error_chain: { type: 'array', items: { type: 'object' } },
  },
};

const MESSAGES: Schema = { type: 'array', items: { type: 'object' } };

const FAILURE: Schema = {
  type: 'object',
  required: ['result', 'errors', 'messages', 'success'],
  properties: {
    result: { type: 'null' },
    errors: { type: 'array', minItems: 1, items: ERROR_ITEM },
    messages: MESSAGES,
    success: { const: false },
  },
};

export function describeApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/[:*](\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Freehold',
      version,
      description: "Cloudflare Workers KV's REST API, self-hosted. Every change is durable before it is acknowledged.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { email: [], key: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        email: { type: 'apiKey', in: 'header', name: 'X-Auth-Email' },
        key: { type: 'apiKey', in: 'header', name: 'X-Auth-Key' },
      },
      schemas: { Failure: FAILURE },
      responses: {
        Failure: { description: 'What went wrong', content: jsonContent({ $ref: '#/components/schemas/Failure' }) },
        BindingFailure: {
          description: 'What went wrong, also in the reason phrase',
          content: content({ 'text/plain': { type: 'string' } }),
        },
      },
    },
  };
}

function describeRoute(route: Route): object {
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.access === 'open' && { security: [] }),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body && { requestBody: { required: true, content: content(route.body) } }),
    responses: describeAnswers(route),
  };
}

const PATH_SCHEMAS: Readonly<Record<string, Schema>> = {
  account_id: { type: 'string', pattern: '^[0-9a-fA-F]{32}$' },
  namespace_id: { type: 'string', pattern: '^[0-9a-fA-F]{32}$' },
  key_name: { type: 'string', minLength: 1 },
  token_id: { type: 'string', pattern: '^[0-9a-fA-F]{32}$' },
};

function pathParameters({ path }: Route): object[] {
  return [...path.matchAll(/[:*](\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: PATH_SCHEMAS[name],
  }));
}

function queryParameters({ query = {} }: Route): object[] {
  return Object.entries(query).map(([name, { description, schema }]) => ({ name, in: 'query', description, schema }));
}

function describeAnswers({ answer, otherAnswers = {}, surface = 'rest' }: Route): object {
  const others = Object.entries(otherAnswers).map(([status, other]) => [status, describeAnswer(other, 'Refusal')]);
  return {
    '200': describeAnswer(answer, 'Success'),
    ...Object.fromEntries(others),
    default: { $ref: `#/components/responses/${surface === 'binding' ? 'BindingFailure' : 'Failure'}` },
  };
}

function describeAnswer(answer: Answer, description: string): object {
  if ('contentType' in answer) {
    return { description, content: content({ [answer.contentType]: answer.schema }) };
  }
  const { result, resultInfo } = answer;
  const properties = { result, errors: { type: 'array', maxItems: 0 }, messages: MESSAGES, success: { const: true } };
  const schema: Schema = {
    type: 'object',
    required: [...Object.keys(properties), ...(resultInfo ? ['result_info'] : [])],
    properties: resultInfo ? { ...properties, result_info: resultInfo } : properties,
  };
  return { description, content: jsonContent(schema) };
}

function jsonContent(schema: Schema): object {
  return content({ 'application/json': schema });
}

function content(schemas: Readonly<Record<string, Schema>>): object {
  return Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]));
}
