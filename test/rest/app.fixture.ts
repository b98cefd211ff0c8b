/** For tests: an application and its engine, within reach of the test. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { openSqliteEngine } from '../../server/src/engine/sqlite/engine.ts';
import { type AppOptions, buildApp } from '../../server/src/http/app.ts';
import type { Engine } from '../../server/src/kv/engine.ts';
import { hashToken, Tokens } from '../../server/src/tokens.ts';
import { Client } from './client.fixture.ts';
import { START, TOKEN } from './server.fixture.ts';

export interface TestApp {
  readonly client: Client;
  readonly engine: Engine;
  readonly listener: Server;
}

/** An application with an engine of its own, which may be spoilt to do what a sound engine does not. */
export async function appWith(
  spoil: (engine: Engine) => Partial<Engine> = () => ({}),
  options: Partial<AppOptions> = {},
): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'freehold-app-'));
  const clock = () => START;
  const engine = await openSqliteEngine({ directory, clock, onFatal: () => {} });
  await engine.setRootTokenHash(hashToken(TOKEN));
  const spoilt = new Proxy(engine, {
    get: (target, name: keyof Engine) => {
      const own = spoil(target)[name] ?? target[name];
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
  const log = pino({ level: 'silent' });
  const tokens = new Tokens(spoilt, clock);
  const app = buildApp({ engine: spoilt, tokens, clock, log, version: '0', ...options });
  app.listen({ host: '127.0.0.1', port: 0 });
  await once(app, 'listening');
  const client = await Client.connect(`http://127.0.0.1:${(app.address() as AddressInfo).port}`, TOKEN);
  onTestFinished(async () => {
    client.close();
    await new Promise(resolve => app.close(resolve));
    await engine.close();
    await rm(directory, { recursive: true });
  });
  return { client, engine, listener: app };
}
