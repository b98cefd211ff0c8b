/** The server that runs on the directory, if one does. */
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { sqliteVersion } from '../database-inspection.ts';
import { version } from '../version.ts';
import { type Finding, ok, problem, skipped, warning } from './finding.ts';
import type { Site } from './site.ts';

export function checkVersions({ server }: Site): Finding {
  const ours = `Freehold ${version} on Node ${process.versions.node} and SQLite ${sqliteVersion()}`;
  if (server === undefined || server.version === version) return ok(ours);
  return warning(`${ours}, but the server runs ${server.version}`, 'restart the server to run this release');
}

export function checkServer({ server, unasked, inspect }: Site): Finding {
  const restart = 'run freehold doctor as the same user, or restart the server';
  if (unasked !== undefined) return problem(unasked, restart);
  if (server === undefined) {
    if (inspect().kind !== 'inUse') return ok('none runs on the directory');
    return problem('one holds the directory, and does not answer on its socket there', restart);
  }
  const where = server.urls.length === 0 ? 'is starting' : `listens on ${server.urls.join(' and ')}`;
  return ok(`process ${server.pid} ${where}`);
}

/** As clients see it, at every address. */
export async function checkReadiness({ server }: Site): Promise<Finding> {
  if (server === undefined) return skipped('no server runs');
  const wrong = server.checks.flatMap(({ reason }) => reason ?? []);
  for (const url of server.urls) {
    const { answers, fault } = await askReadiness(url);
    // The same reason is told once, though its figures may differ from one moment to the next.
    if (fault !== undefined && (!answers || wrong.length === 0)) wrong.push(fault);
  }
  const advice = 'put that right; docs/operations.md says how';
  return wrong.length === 0 ? ok('/readyz answers 200') : problem(wrong.join('; '), advice);
}

const ANSWER_MS = 5_000;

async function askReadiness(url: string): Promise<{ answers: boolean; fault?: string }> {
  try {
    const { statusCode, body } = await get(url, '/readyz');
    return statusCode === 200 ? { answers: true } : { answers: true, fault: JSON.parse(body).reason };
  } catch (error) {
    return { answers: false, fault: `${url} does not answer: ${(error as Error).message}` };
  }
}

function get(url: string, path: string): Promise<{ statusCode: number | undefined; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ statusCode: number | undefined; body: string }>();
  const where = url.startsWith('unix:') ? { socketPath: url.slice('unix:'.length) } : addressOf(url);
  const answered = (response: IncomingMessage) => {
    text(response).then(body => resolve({ statusCode: response.statusCode, body }), reject);
  };
  const options = { ...where, path, agent: false, signal: AbortSignal.timeout(ANSWER_MS) };
  // The certificate is for the name that clients use, which need not be this address.
  const outgoing = url.startsWith('https:')
    ? secureRequest({ ...options, rejectUnauthorized: false }, answered)
    : request(options, answered);
  outgoing.on('error', reject).end();
  return promise;
}

/** Of a server that listens on every address, the one that is always there. */
function addressOf(url: string): { host: string; port: string } {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host: host === '0.0.0.0' ? '127.0.0.1' : host.replace(/^::$/, '::1'), port };
}
