/** /openapi.json: valid, complete, and what every answer of these tests was held to. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { ROUTES } from '../../server/src/http/routes.ts';
import { Description, type OpenApi } from './description.fixture.ts';
import { NAMESPACES_PATH, serveForTests } from './server.fixture.ts';

const server = serveForTests();

async function describe(): Promise<OpenApi> {
  const answer = await server.client.sendBare('GET', '/openapi.json');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json; charset=UTF-8');
  return answer.json as unknown as OpenApi;
}

test('it is valid OpenAPI 3.1', async () => {
  const description = await describe();
  const validator = new Validator();
  const { valid, errors } = await validator.validate({ ...description });
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

test('it lists exactly the routes that are served, each under an id of its own', async () => {
  const { paths } = await describe();
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`),
  );
  const served = ROUTES.map(({ method, path, id }) => `${method} ${path.replace(/[:*](\w+)/g, '{$1}')} ${id}`);
  expect(described.toSorted()).toEqual(served.toSorted());
  expect(new Set(ROUTES.map(({ id }) => id)).size).toBe(ROUTES.length);
});

test('every route it lists is answered, and not as an unknown path or a wrong method', async () => {
  for (const { method, path } of ROUTES) {
    const target = path.replace(/:\w+_id/g, '0'.repeat(32)).replace(':key_name', 'k');
    const { status, text } = await server.client.send(method, target);
    expect(text, `${method} ${target}`).not.toMatch(/"code":7003|not allowed for/);
    expect(status, `${method} ${target}`).toBeLessThan(500);
  }
});

test('it tells a wrong answer from a right one', async () => {
  const description = new Description(await describe());
  const wrong = (body: unknown, status = 200) =>
    description.differences('GET', NAMESPACES_PATH, status, body).length > 0;
  const right = (await server.client.send('GET', NAMESPACES_PATH)).json;
  expect(wrong(right)).toBe(false);
  expect(wrong({ ...right, success: false })).toBe(true);
  expect(wrong({ ...right, result: null })).toBe(true);
  expect(wrong({ ...right, result_info: undefined })).toBe(true);
  expect(wrong({ ...right, result: [{ id: 'short' }] })).toBe(true);
  expect(wrong(right, 404)).toBe(true);
  expect(wrong({ ...right, success: false, result: null, errors: [{ code: 1, message: '' }] }, 404)).toBe(true);
});
