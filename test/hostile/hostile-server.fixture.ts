/** For tests: a server in a process of its own, and a client that may be as rude as it likes. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { HAS_PROC, memoryOf } from '../../bench/proc.ts';
import { temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import type { ServeConfig } from '../../server/src/config/serve.ts';
import type { ServerOverrides } from '../../server/src/server.ts';
import { Client } from '../rest/client.fixture.ts';
import { Namespace } from '../rest/namespace.fixture.ts';
import { RawConnection } from '../rest/raw-connection.fixture.ts';
import { TOKEN } from '../rest/server.fixture.ts';

/** Memory is read from /proc. */
export { HAS_PROC };

type Times = NonNullable<ServerOverrides['times']>;

export interface HostileServerOptions {
  readonly config: ServeConfig;
  readonly times: Times;
}

export class HostileServer {
  readonly client: Client;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, client: Client, port: number) {
    this.#child = child;
    this.client = client;
    this.port = port;
  }

  static async start(times: Times = {}, config: Partial<ServeConfig> = {}): Promise<HostileServer> {
    const options: HostileServerOptions = {
      config: {
        dataDirectory: await temporaryDirectory(),
        listen: [{ host: '127.0.0.1', port: 0 }],
        threads: 1,
        logLevel: 'silent',
        logFormat: 'json',
        givenToken: { source: 'the test', token: TOKEN },
        ...config,
      },
      times,
    };
    const child = fork(fileURLToPath(new URL('./serve.ts', import.meta.url)), [JSON.stringify(options)], {
      execArgv: ['--expose-gc'],
    });
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const [url] = (await once(child, 'message')) as [string];
    const client = await Client.connect(url, TOKEN);
    onTestFinished(() => client.close());
    return new HostileServer(child, client, Number(new URL(url).port));
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory in MB. */
  get memory(): number {
    return memoryOf(this.#child.pid ?? 0).now;
  }

  /** The most that was ever resident, in MB. */
  get memoryPeak(): number {
    return memoryOf(this.#child.pid ?? 0).peak;
  }

  /** What objects and buffers are held in MB, garbage not counted. */
  async held(): Promise<number> {
    const collected = once(this.#child, 'message');
    this.#child.send('collect');
    const [megabytes] = (await collected) as [number];
    return megabytes;
  }

  /** Fulfilled when so little is held. */
  async holdsAtMost(megabytes: number): Promise<void> {
    while ((await this.held()) > megabytes) await this.client.send('GET', '/healthz');
  }

  async namespace(): Promise<Namespace> {
    const account = randomBytes(16).toString('hex');
    const path = `/client/v4/accounts/${account}/storage/kv/namespaces`;
    const created = await this.client.sendJson('POST', path, { title: 'hostile' });
    return new Namespace(this.client, account, created.result<{ id: string }>().id);
  }

  connect(): Promise<RawConnection> {
    return RawConnection.open(this.port);
  }
}

export const CREDENTIALS = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
