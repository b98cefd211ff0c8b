/** What operators and their tools ask: is it alive, is it ready, what is it. */
import type { Call } from '../call.ts';
import { TEXT_TYPE } from '../envelope.ts';
import type { Route } from '../route.ts';
import type { Schema } from '../schemas.ts';

const STATUS: Schema = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string' }, reason: { type: 'string' } },
};
const STATUS_ANSWER = { contentType: 'application/json', schema: STATUS };

export const OPS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    id: 'welcome',
    summary: 'Say what this is and where to go on',
    access: 'open',
    answer: { contentType: 'text/plain', schema: { type: 'string' } },
    handle: welcome,
  },
  {
    method: 'GET',
    path: '/healthz',
    id: 'health',
    summary: 'Answer while the process is alive',
    access: 'open',
    answer: STATUS_ANSWER,
    handle: () => json({ status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    id: 'readiness',
    summary: 'Answer 200 while reads and writes work, 503 with the reason while they do not',
    access: 'open',
    answer: STATUS_ANSWER,
    otherAnswers: { 503: STATUS_ANSWER },
    handle: ready,
  },
];

function welcome(call: Call): Promise<string> {
  call.contentType = TEXT_TYPE;
  return Promise.resolve(`Freehold ${call.services.version}: Workers KV that you own.

REST API      /client/v4/accounts/{account_id}/storage/kv/namespaces
KV binding    /binding/{namespace_id}, or the header Freehold-Namespace: {namespace_id}
Description   /openapi.json
Health        /healthz, /readyz

Use it with wrangler by CLOUDFLARE_API_BASE_URL, with an SDK by CLOUDFLARE_BASE_URL: this address and /client/v4.
`);
}

async function ready(call: Call): Promise<string> {
  const readiness = await call.engine.check();
  if (readiness.ready) return json({ status: 'ready' });
  call.status = 503;
  return json({ status: 'not ready', reason: readiness.reason });
}

function json(body: object): Promise<string> {
  return Promise.resolve(`${JSON.stringify(body)}\n`);
}
