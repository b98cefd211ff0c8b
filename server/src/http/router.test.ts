import { expect, test } from 'vitest';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';

function routesFor(...patterns: string[]): Router {
  return new Router(patterns.map(pattern => routeOf(...(pattern.split(' ') as [Route['method'], string]))));
}

function routeOf(method: Route['method'], path: string): Route {
  return {
    method,
    path,
    id: `${method} ${path}`,
    summary: '',
    access: 'read',
    answer: { contentType: '', schema: {} },
    handle: () => Promise.resolve(''),
  };
}

/** Where a request leads: the id of its route, or the methods of the path, and what stands in the path. */
function lead(router: Router, method: string, path: string): unknown {
  const match = router.find(method, path);
  return match && [match.route?.id ?? match.routes.map(route => route.method).sort(), match.parameters];
}

test('a path leads to the route of its method', () => {
  const router = routesFor('GET /', 'GET /a', 'PUT /a', 'GET /a/b');
  expect(lead(router, 'GET', '/')).toEqual(['GET /', {}]);
  expect(lead(router, 'GET', '/a')).toEqual(['GET /a', {}]);
  expect(lead(router, 'PUT', '/a')).toEqual(['PUT /a', {}]);
  expect(lead(router, 'GET', '/a/b')).toEqual(['GET /a/b', {}]);
});

test('HEAD leads where GET does', () => {
  expect(lead(routesFor('GET /a'), 'HEAD', '/a')).toEqual(['GET /a', {}]);
});

test('a method that a path has not is told from a path that there is not', () => {
  const router = routesFor('GET /', 'GET /a', 'PUT /a', 'GET /a/b/c');
  expect(lead(router, 'POST', '/a')).toEqual([['GET', 'PUT'], {}]);
  expect(lead(router, 'PROPFIND', '/a')).toEqual([['GET', 'PUT'], {}]);
  for (const path of ['/b', '/a/b', '/a/b/c/d', '/aa', '/A', '', '*', 'a']) {
    expect(lead(router, 'GET', path), path).toBeUndefined();
  }
});

test('a slash at the end makes no difference, a second one does', () => {
  const router = routesFor('GET /a', 'GET /a/b', 'GET /n/:id');
  expect(lead(router, 'GET', '/a/')).toEqual(['GET /a', {}]);
  expect(lead(router, 'GET', '/a/b/')).toEqual(['GET /a/b', {}]);
  expect(lead(router, 'GET', '/n/1/')).toEqual(['GET /n/:id', { id: '1' }]);
  expect(lead(router, 'GET', '/a//')).toBeUndefined();
  expect(lead(router, 'GET', '/a//b')).toBeUndefined();
});

test('a parameter is one segment, decoded, and may be empty', () => {
  const router = routesFor('GET /n/:id', 'GET /n/:id/x/:other', 'GET /n/first');
  expect(lead(router, 'GET', '/n/a%2Fb%C3%A9')).toEqual(['GET /n/:id', { id: 'a/bé' }]);
  expect(lead(router, 'GET', '/n/1/x/2')).toEqual(['GET /n/:id/x/:other', { id: '1', other: '2' }]);
  expect(lead(router, 'GET', '/n/')).toEqual(['GET /n/:id', { id: '' }]);
  expect(lead(router, 'GET', '/n//x/2')).toEqual(['GET /n/:id/x/:other', { id: '', other: '2' }]);
  expect(lead(router, 'GET', '/n/first')).toEqual(['GET /n/first', {}]);
});

test('a literal that is escaped is another one', () => {
  const router = routesFor('GET /n/:id', 'GET /n/first');
  expect(lead(router, 'GET', '/%6e/1')).toBeUndefined();
  expect(lead(router, 'GET', '/n/%66irst')).toEqual(['GET /n/:id', { id: 'first' }]);
  expect(lead(router, 'GET', '/n%2F1')).toBeUndefined();
});

test.each(['/n/%', '/n/%zz', '/n/%ff', '/%/1'])('%s, which is not properly escaped, leads nowhere', path => {
  expect(lead(routesFor('GET /n/:id'), 'GET', path)).toBeUndefined();
});

test('a rest is all that follows, as it was sent, and not empty', () => {
  const router = routesFor('GET /values/*key', 'GET /values');
  expect(lead(router, 'GET', '/values/k')).toEqual(['GET /values/*key', { key: 'k' }]);
  for (const key of ['a/b/', '/', '//', '%', 'a%2Fb', '../x', 'values/k', 'a#b', '__proto__']) {
    expect(lead(router, 'GET', `/values/${key}`), key).toEqual(['GET /values/*key', { key }]);
  }
  expect(lead(router, 'GET', '/values/')).toEqual(['GET /values', {}]);
  expect(lead(routesFor('GET /values/*key'), 'GET', '/values/')).toBeUndefined();
});

test('what ends at a path goes before a rest, and a rest before a method that is not there', () => {
  const router = routesFor('GET /b/:id', 'GET /b/:id/*key', 'PUT /b/:id/*key', 'POST /b/:id/bulk/get');
  expect(lead(router, 'POST', '/b/1/bulk/get')).toEqual(['POST /b/:id/bulk/get', { id: '1' }]);
  expect(lead(router, 'GET', '/b/1/bulk/get')).toEqual(['GET /b/:id/*key', { id: '1', key: 'bulk/get' }]);
  expect(lead(router, 'PUT', '/b/1/bulk')).toEqual(['PUT /b/:id/*key', { id: '1', key: 'bulk' }]);
  expect(lead(router, 'GET', '/b/1/')).toEqual(['GET /b/:id', { id: '1' }]);
  expect(lead(router, 'PATCH', '/b/1/bulk/get')).toEqual([['GET', 'POST', 'PUT'], { id: '1', key: 'bulk/get' }]);
});

test("every route of the server is found under its own pattern's path", () => {
  const router = new Router(ROUTES);
  for (const route of ROUTES) expect(router.find(route.method, route.path)?.route).toBe(route);
});
