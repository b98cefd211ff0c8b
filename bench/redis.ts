/** Redis with an fsync before every answer, which is what it takes to keep what it acknowledges. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';
import { runTool } from './tools.ts';
import type { NewPair } from './workloads.ts';

const LINE_END = '\r\n';
const SYNCS_ALWAYS = ['*2', '$11', 'appendfsync', '$6', 'always', ''].join(LINE_END);

export class Redis {
  readonly #program: Program;
  readonly #port: string;
  readonly #socket: Socket;

  private constructor(program: Program, port: string, socket: Socket) {
    this.#program = program;
    this.#port = port;
    this.#socket = socket;
  }

  /** With its data in `directory`. */
  static async start(directory: string): Promise<Redis> {
    const port = String(await freePort());
    const settings = {
      bind: '127.0.0.1',
      port,
      dir: directory,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      // Rewriting its log in the middle would only slow it down.
      'auto-aof-rewrite-percentage': '0',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const program = new Program({ command: 'redis-server', args });
    await program.says(/(Ready to accept connections)/);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const redis = new Redis(program, port, socket);
    const answer = await redis.#exchange(
      command('CONFIG', 'GET', 'appendfsync'),
      bytes => bytes >= SYNCS_ALWAYS.length,
    );
    if (answer.toString() !== SYNCS_ALWAYS) throw new Error(`Redis does not sync every command: ${answer}`);
    return redis;
  }

  /** Milliseconds of one transaction that sets all pairs, the commands already in memory in the form for the wire. */
  async setAll(pairs: readonly NewPair[]): Promise<number> {
    const commands = pairs.map(({ key, value }) => command('SET', key, value));
    const request = Buffer.concat([command('MULTI'), ...commands, command('EXEC')]);
    const count = pairs.length;
    const wanted = `+OK${LINE_END}${`+QUEUED${LINE_END}`.repeat(count)}*${count}${LINE_END}${`+OK${LINE_END}`.repeat(count)}`;
    const start = performance.now();
    const answer = await this.#exchange(request, bytes => bytes >= wanted.length);
    const ms = performance.now() - start;
    if (answer.toString() !== wanted) throw new Error(`Redis answered ${answer.subarray(0, 1_000)}`);
    return ms;
  }

  async checkValue(key: string, value: Buffer): Promise<void> {
    const wanted = Buffer.concat([Buffer.from(`$${value.length}${LINE_END}`), value, Buffer.from(LINE_END)]);
    const answer = await this.#exchange(command('GET', key), bytes => bytes >= wanted.length);
    if (!answer.equals(wanted)) throw new Error(`${key} has another value in Redis: ${answer.subarray(0, 100)}`);
  }

  /** SETs a second of one pair each, from so many connections, by Redis's own benchmark. */
  async setsPerSecond(count: number, connections: number, valueBytes: number): Promise<number> {
    const args = ['-p', this.#port, '-t', 'set', '-n', count, '-c', connections, '-d', valueBytes, '-r', 1e9, '--csv'];
    const output = await runTool('redis-benchmark', args.map(String));
    const rate = Number(/^"SET","([\d.]+)"/m.exec(output)?.[1]);
    if (!(rate > 0)) throw new Error(`redis-benchmark said ${output}`);
    return rate;
  }

  async count(): Promise<number> {
    const answer = await this.#exchange(command('DBSIZE'), bytes => bytes > 3);
    return Number(answer.subarray(1).toString());
  }

  async end(): Promise<void> {
    this.#socket.destroy();
    await this.#program.end();
  }

  async #exchange(request: Buffer, isWhole: (bytes: number) => boolean): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (isWhole(bytes) || chunks[0]?.[0] === ERROR) resolve(Buffer.concat(chunks));
    };
    this.#socket.on('data', onData).once('error', reject).write(request);
    try {
      return await promise;
    } finally {
      this.#socket.off('data', onData).off('error', reject);
    }
  }
}

const ERROR = '-'.charCodeAt(0);

/** A command in the form for the wire: an array of strings, each with its length before it. */
function command(...words: readonly (string | Buffer)[]): Buffer {
  const parts = words.flatMap(word => [Buffer.from(`$${Buffer.byteLength(word)}${LINE_END}`), Buffer.from(word), END]);
  return Buffer.concat([Buffer.from(`*${words.length}${LINE_END}`), ...parts]);
}

const END = Buffer.from(LINE_END);
