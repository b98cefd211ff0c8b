/** /metrics: what it counts, whom it tells, and what it keeps to itself. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Family, METRICS } from '../../server/src/http/metrics/families.ts';
import { ENGINE_ERRORS, TOKEN_FAILURES } from '../../server/src/http/metrics/thread-figures.ts';
import { ERRORS } from '../../server/src/kv/errors.ts';
import { hashToken } from '../../server/src/tokens.ts';
import { version } from '../../server/src/version.ts';
import { appWith } from './app.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { Scrape } from './scrape.fixture.ts';
import { START, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();

const requests = (route: string, method: string, status: string | number) =>
  `freehold_http_requests_total{route="${route}",method="${method}",status="${status}"}`;

/** What an action adds to samples, once the first of them has grown by so much. */
async function growthOf(samples: readonly string[], by: number, action: () => Promise<unknown>): Promise<number[]> {
  const before = await Scrape.of(server.client);
  await action();
  const [first = ''] = samples;
  const after = await Scrape.until(server.client, scrape => scrape.get(first) >= before.get(first) + by);
  return samples.map(sample => after.get(sample) - before.get(sample));
}

test('it is in the text format of Prometheus, every family with its help, its type and the labels of the table', async () => {
  const answer = await server.client.send('GET', '/metrics');
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const { text, samples } = new Scrape(answer.text);
  const families = new Map<string, Family>(Object.entries(METRICS));
  for (const [name, { type, help }] of families) {
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }
  for (const sample of samples.keys()) {
    const [, name = '', labels = ''] = /^(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})?$/.exec(sample) ?? [];
    const found = [...labels.matchAll(/(\w+)="/g)].flatMap(([, label]) => (label === 'le' ? [] : label));
    expect([name, found]).toEqual([name, families.get(name)?.labels ?? []]);
  }
});

test('any token may read it, and nobody without one', async () => {
  expect((await server.client.sendBare('GET', '/metrics')).failure).toBe('400 9106');
  const headers = { authorization: 'Bearer nobodys-token' };
  expect((await server.client.sendBare('GET', '/metrics', undefined, headers)).failure).toBe('401 10000');
  const { client, engine } = await appWith();
  const scoped = { id: '1'.repeat(32), name: 'scoped', account: '2'.repeat(32), namespaces: [], createdAt: START };
  await engine.createToken({ ...scoped, hash: hashToken('a-token-that-is-good-for-nothing-else') });
  const good = { authorization: 'Bearer a-token-that-is-good-for-nothing-else' };
  expect((await client.sendBare('GET', '/metrics', undefined, good)).status).toBe(200);
});

test('requests are counted by route, method and status, their time in the histogram of the route', async () => {
  const namespace = await server.namespace();
  const grown = await growthOf(
    [
      requests('getValue', 'GET', 404),
      requests('getValue', 'GET', 200),
      requests('putValue', 'PUT', 200),
      'freehold_http_request_duration_seconds_count{route="getValue",method="GET"}',
      'freehold_http_request_duration_seconds_bucket{route="getValue",method="GET",le="+Inf"}',
    ],
    1,
    async () => {
      await namespace.put('k', 'value');
      await namespace.get('k');
      await namespace.get('k');
      await namespace.get('nowhere');
    },
  );
  expect(grown).toEqual([1, 2, 1, 3, 3]);
});

test('what no route takes is one route, whatever its path', async () => {
  const paths = Array.from({ length: 5 }, () => `/client/v4/${randomBytes(8).toString('hex')}`);
  const grown = await growthOf([requests('none', 'any', 404), requests('none', 'any', 405)], 5, async () => {
    await server.client.send('PATCH', '/healthz');
    for (const path of paths) await server.client.send('GET', path);
  });
  expect(grown).toEqual([5, 1]);
  const { text } = await Scrape.of(server.client);
  for (const path of paths) expect(text).not.toContain(path);
});

test('bytes of bodies are counted both ways', async () => {
  const namespace = await server.namespace();
  const samples = ['freehold_http_request_body_bytes_total', 'freehold_http_response_body_bytes_total'];
  const [received, sent] = await growthOf(samples, 300_000, async () => {
    await namespace.put('k', new Uint8Array(300_000));
    await namespace.get('k');
  });
  expect(received).toBe(300_000);
  expect(sent).toBeGreaterThan(300_000);
});

test('pairs and bytes that were written, keys that were deleted, and what commits took', async () => {
  const namespace = await server.namespace();
  const samples = [
    'freehold_pairs_written_total',
    'freehold_bytes_written_total',
    'freehold_pairs_deleted_total',
    'freehold_commit_requests_sum',
    'freehold_commit_requests_count',
    'freehold_commit_duration_seconds_count',
  ];
  const grown = await growthOf(samples, 5, async () => {
    await namespace.put('key', 'value');
    await namespace.bulkPut(['a', 'b', 'c', 'd'].map(key => ({ key, value: '12' })));
    await namespace.delete('nowhere');
  });
  expect(grown).toEqual([5, 8 + 4 * 3, 1, 3, 3, 3]);
});

test('bytes are in flight from when a body is let in until its request is answered', async () => {
  const namespace = await server.namespace();
  const inFlight = 'freehold_in_flight_bytes';
  const body = 'v'.repeat(100_000);
  const connection = await RawConnection.open(server.port);
  const head = `PUT ${namespace.path}/values/k HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
  await connection.send(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(1)}`);
  const during = await Scrape.until(server.client, scrape => scrape.get(inFlight) > 0);
  expect([during.get(inFlight), during.get('freehold_in_flight_waiting')]).toEqual([body.length, 0]);
  await connection.send('v');
  expect((await connection.answer()).status).toBe(200);
  connection.end();
  await Scrape.until(server.client, scrape => scrape.get(inFlight) === 0);
});

test('expired pairs are counted when they are swept', async () => {
  const namespace = await server.namespace();
  await namespace.put('k', 'value', '?expiration_ttl=60');
  const before = await Scrape.of(server.client);
  server.now += 1_000;
  const swept = 'freehold_expired_pairs_swept_total';
  await Scrape.until(server.client, scrape => scrape.get(swept) === before.get(swept) + 1);
});

test('tokens that were refused are counted by the name of the fault', async () => {
  const of = (reason: string) => `freehold_token_failures_total{reason="${reason}"}`;
  const grown = await growthOf([of('tokenUnknown'), of('credentialsMissing')], 2, async () => {
    const headers = { authorization: 'Bearer nobodys-token' };
    await server.client.sendBare('GET', '/client/v4/accounts');
    await server.client.sendBare('GET', '/client/v4/accounts', undefined, headers);
    await server.client.sendBare('GET', '/client/v4/accounts', undefined, headers);
  });
  expect(grown).toEqual([2, 1]);
});

test('every refusal of credentials and every failure of storage is among the reasons, at 0 from the start', async () => {
  const { samples } = await Scrape.of((await appWith()).client);
  for (const reason of TOKEN_FAILURES) expect(samples.get(`freehold_token_failures_total{reason="${reason}"}`)).toBe(0);
  for (const reason of ENGINE_ERRORS) expect(samples.get(`freehold_engine_errors_total{reason="${reason}"}`)).toBe(0);
  const named = Object.keys(ERRORS).filter(name =>
    /^(credentials|auth[A-Z]|authorization|token(Unknown|NotVerified|Forbidden|ReadOnly))/.test(name),
  );
  expect(TOKEN_FAILURES.toSorted()).toEqual(named.toSorted());
});

test('what storage refuses is counted by its reason', async () => {
  const { client } = await appWith(() => ({ listAccounts: () => Promise.reject(new Error('a defect')) }));
  await client.send('GET', '/client/v4/accounts');
  await Scrape.until(client, scrape => scrape.get('freehold_engine_errors_total{reason="internal"}') === 1);
});

test('a client that leaves before the answer is counted as such', async () => {
  const namespace = await server.namespace();
  const grown = await growthOf([requests('putValue', 'PUT', 'aborted')], 1, async () => {
    const connection = await RawConnection.open(server.port);
    const head = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 10`;
    await connection.send(`PUT ${namespace.path}/values/l HTTP/1.1\r\n${head}\r\n\r\nabc`);
    connection.reset();
  });
  expect(grown).toEqual([1]);
});

test('open connections are those that are open', async () => {
  const connections = 'freehold_http_connections';
  const before = (await Scrape.of(server.client)).get(connections);
  const connection = await RawConnection.open(server.port);
  await Scrape.until(server.client, scrape => scrape.get(connections) === before + 1);
  connection.reset();
  await Scrape.until(server.client, scrape => scrape.get(connections) === before);
});

test('the process, its release, its disk and its checks', async () => {
  const scrape = await Scrape.of(server.client);
  const node = process.versions.node;
  expect(scrape.get(`freehold_build_info{version="${version}",node="${node}"}`)).toBe(1);
  for (const check of ['writer', 'disk', 'log']) expect(scrape.get(`freehold_ready{check="${check}"}`)).toBe(1);
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'process_max_fds',
    'freehold_database_bytes',
    'freehold_disk_free_bytes',
    'freehold_disk_floor_bytes',
  ]) {
    expect(scrape.get(name), name).toBeGreaterThan(0);
  }
  const startedAt = scrape.get('process_start_time_seconds');
  expect(startedAt).toBeGreaterThan(1_600_000_000);
  expect(startedAt).toBeLessThanOrEqual(Date.now() / 1_000);
});

test('no id, key, value, title or token is in it', async () => {
  const secret = 'never-to-be-told';
  const namespace = await server.namespace();
  await namespace.put(secret, secret);
  await namespace.get(secret);
  await server.client.sendBare('GET', `/client/v4/${secret}`, undefined, { authorization: `Bearer ${secret}` });
  const { text } = await Scrape.of(server.client);
  for (const hidden of [secret, TOKEN, ...namespace.path.split('/').filter(part => part.length === 32)]) {
    expect(text).not.toContain(hidden);
  }
});
