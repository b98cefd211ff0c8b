/**
 * Asks a server for small things at fixed times, whether or not earlier ones were answered, so that a moment in which it
 * answers nothing counts with everything that was asked in it. `POST /begin` starts, `POST /finish` answers how many
 * milliseconds each request took from when it was sent: how late this process sends it, for want of a core, is no
 * matter of the server's.
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { lettersOf } from '../pairs.ts';
import { TOKEN } from '../token.ts';
import { servePeer } from './serve.ts';

const GET_EVERY_MS = 2;
const PUT_EVERY_MS = 5;

/** Where values lie, and the key of one that is there. */
const [base = '', key = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const value = lettersOf(0, 100);

/** Milliseconds of one request. */
function ask(method: 'GET' | 'PUT', url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const start = performance.now();
  const headers = { authorization: `Bearer ${TOKEN}`, ...(method === 'PUT' && { 'content-length': value.length }) };
  const sent = request(url, { method, headers, agent }, response => {
    response.resume();
    response.once('error', reject);
    response.once('end', () => {
      if (response.statusCode === 200) resolve(performance.now() - start);
      else reject(new Error(`${method} was answered ${response.statusCode}`));
    });
  });
  sent.once('error', reject);
  sent.end(method === 'PUT' ? value : undefined);
  return promise;
}

/** Asks until told to stop; fulfilled when the last answer is there. */
async function askEvery(
  periodMs: number,
  signal: AbortSignal,
  next: (count: number) => Promise<number>,
): Promise<number[]> {
  const asked: Promise<number>[] = [];
  const start = performance.now();
  while (!signal.aborted) {
    const answered = next(asked.length);
    // Reported at the end.
    answered.catch(() => {});
    asked.push(answered);
    await sleep(Math.max(0, start + asked.length * periodMs - performance.now()));
  }
  return await Promise.all(asked);
}

interface Probing {
  readonly stop: AbortController;
  readonly gets: Promise<number[]>;
  readonly puts: Promise<number[]>;
}

let probing: Probing | undefined;

function begin(): Probing {
  const stop = new AbortController();
  return {
    stop,
    gets: askEvery(GET_EVERY_MS, stop.signal, () => ask('GET', `${base}/${key}`)),
    puts: askEvery(PUT_EVERY_MS, stop.signal, count => ask('PUT', `${base}/probe-${count}`)),
  };
}

async function finish({ stop, gets, puts }: Probing): Promise<object> {
  stop.abort();
  return { gets: await gets, puts: await puts };
}

servePeer(async ({ url }, response) => {
  try {
    if (url === '/begin') probing = begin();
    response.end(JSON.stringify(url === '/finish' && probing !== undefined ? await finish(probing) : {}));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
