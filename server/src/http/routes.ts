/** All routes of the server. */
import { BOUND_BULK_ROUTES } from './binding/bulk.ts';
import { BOUND_KEY_ROUTES } from './binding/keys.ts';
import { BOUND_PAIR_ROUTES } from './binding/pairs.ts';
import { CLEAR_ROUTES } from './freehold/clear.ts';
import { COPY_ROUTES } from './freehold/copy.ts';
import { COUNT_ROUTES } from './freehold/count.ts';
import { EXPORT_ROUTES } from './freehold/export.ts';
import { IMPORT_ROUTES } from './freehold/import.ts';
import { KEPT_VALUE_ROUTES } from './freehold/kept-values.ts';
import { describeApi } from './openapi.ts';
import { OPS_ROUTES } from './ops/health.ts';
import { BULK_ROUTES } from './rest/bulk.ts';
import { IDENTITY_ROUTES } from './rest/identity.ts';
import { KEY_ROUTES } from './rest/keys.ts';
import { NAMESPACE_ROUTES } from './rest/namespaces.ts';
import { TOKEN_ROUTES } from './rest/tokens.ts';
import { VALUE_ROUTES } from './rest/values.ts';
import type { Route } from './route.ts';

const DESCRIPTION_ROUTE: Route = {
  method: 'GET',
  path: '/openapi.json',
  id: 'description',
  summary: 'This description',
  access: 'open',
  answer: { contentType: 'application/json', schema: { type: 'object' } },
  handle: ({ services }) => Promise.resolve(JSON.stringify(describeApi(ROUTES, services.version))),
};

export const ROUTES: readonly Route[] = [
  ...NAMESPACE_ROUTES,
  ...KEY_ROUTES,
  ...VALUE_ROUTES,
  ...BULK_ROUTES,
  ...IDENTITY_ROUTES,
  ...TOKEN_ROUTES,
  ...EXPORT_ROUTES,
  ...COUNT_ROUTES,
  ...IMPORT_ROUTES,
  ...CLEAR_ROUTES,
  ...COPY_ROUTES,
  ...KEPT_VALUE_ROUTES,
  ...BOUND_KEY_ROUTES,
  ...BOUND_PAIR_ROUTES,
  ...BOUND_BULK_ROUTES,
  ...OPS_ROUTES,
  DESCRIPTION_ROUTE,
];
