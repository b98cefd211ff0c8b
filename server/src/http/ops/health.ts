/** What operators and their tools ask: is it alive, is it ready, what is it. */
import type { Call } from '../call.ts';
import { TEXT_TYPE } from '../envelope.ts';
import { EXPOSITION_TYPE } from '../metrics/exposition.ts';
import type { Route } from '../route.ts';
import type { Schema } from '../schemas.ts';

const HEALTH: Schema = { type: 'object', required: ['status'], properties: { status: { const: 'ok' } } };
const READINESS: Schema = {
  type: 'object',
  required: ['status', 'checks'],
  properties: {
    status: { enum: ['ready', 'not ready'] },
    reason: { type: 'string' },
    checks: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'ok'],
        properties: { name: { type: 'string' }, ok: { type: 'boolean' }, reason: { type: 'string' } },
      },
    },
  },
};
const READINESS_ANSWER = { contentType: 'application/json', schema: READINESS };

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
    answer: { contentType: 'application/json', schema: HEALTH },
    handle: () => json({ status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    id: 'readiness',
    summary: 'Answer 200 while reads and writes work, 503 with the reason while they do not',
    access: 'open',
    answer: READINESS_ANSWER,
    otherAnswers: { 503: READINESS_ANSWER },
    handle: ready,
  },
  {
    method: 'GET',
    path: '/metrics',
    id: 'metrics',
    summary: 'Figures for Prometheus, in its text format',
    access: 'read',
    answer: { contentType: 'text/plain', schema: { type: 'string' } },
    handle: metrics,
  },
];

function welcome(call: Call): Promise<string> {
  call.contentType = TEXT_TYPE;
  return Promise.resolve(`Freehold ${call.services.version}: Workers KV that you own.

REST API      /client/v4/accounts/{account_id}/storage/kv/namespaces
KV binding    /binding/{namespace_id}, or the header Freehold-Namespace: {namespace_id}
Description   /openapi.json
Health        /healthz, /readyz
Metrics       /metrics

Use it with wrangler by CLOUDFLARE_API_BASE_URL, with an SDK by CLOUDFLARE_BASE_URL: this address and /client/v4.
`);
}

async function ready(call: Call): Promise<string> {
  const stopping = call.services.isStopping() ? { reason: 'the server is stopping' } : {};
  const checks = [...(await call.engine.check()), { name: 'serving', ...stopping }].map(({ name, reason }) => {
    return { name, ok: reason === undefined, ...(reason !== undefined && { reason }) };
  });
  const reasons = checks.flatMap(({ reason }) => reason ?? []);
  if (reasons.length === 0) return json({ status: 'ready', checks });
  call.status = 503;
  return json({ status: 'not ready', reason: reasons.join('; '), checks });
}

function metrics(call: Call): Promise<string> {
  const { services, engine } = call;
  call.contentType = EXPOSITION_TYPE;
  return services.metrics.scrape(engine, services.version);
}

function json(body: object): Promise<string> {
  return Promise.resolve(`${JSON.stringify(body)}\n`);
}
