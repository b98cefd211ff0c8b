import { expect, test } from 'vitest';
import { bindingName } from './binding-name.ts';

test.each([
  ['sessions', 'SESSIONS'],
  ['user sessions', 'USER_SESSIONS'],
  ['userSessions', 'USER_SESSIONS'],
  ['my-app:rate.limits/v2', 'MY_APP_RATE_LIMITS_V2'],
  ['__my-worker-workers_sites_assets', 'MY_WORKER_WORKERS_SITES_ASSETS'],
  ['Größe', 'GROSSE'],
  ['  "; DROP --', 'DROP'],
  ['2024 orders', 'KV'],
  ['кэш', 'KV'],
  ['👩‍🚀', 'KV'],
  ['0123456789abcdef0123456789abcdef', 'KV'],
  ['abcdef0123456789abcdef0123456789', 'KV'],
])('the binding of %j is %s', (title, name) => {
  expect(bindingName(title)).toBe(name);
});
