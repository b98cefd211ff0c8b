import { get } from 'node:http';
import { describe, expect, test } from 'vitest';
import { freehold, type ServeProcess, serve, temporaryDirectory } from './process.fixture.ts';

const ENVIRONMENT = { FREEHOLD_TOKEN: 'given-by-the-operator', FREEHOLD_THREADS: '3' };

/** A server of three threads, with a module that is loaded before it. */
async function start(module = ''): Promise<ServeProcess> {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(module)}`;
  const server = await serve(['--data', await temporaryDirectory()], { ...ENVIRONMENT, NODE_OPTIONS });
  while (new Set(await threadsMet(server)).size < 3);
  return server;
}

/** The threads that new connections fell to. */
function threadsMet({ url }: ServeProcess): Promise<string[]> {
  return Promise.all(
    Array.from({ length: 12 }, () => {
      return new Promise<string>((resolve, reject) => {
        get(`${url}/healthz`, { agent: false }, response => {
          response.resume();
          resolve(String(response.headers['cf-ray']).replace(/-.*/, ''));
        }).on('error', reject);
      });
    }),
  );
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends all threads, with exit code 0', async signal => {
  const { code, stdout, stderr } = await (await start()).end(signal);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/"msg":"stopped"\}\n$/);
});

describe('the process ends with 1', () => {
  test('when the writer has died, after reads went on for a moment', async () => {
    const server = await start('process.once("worker",writer=>process.on("SIGUSR2",()=>writer.terminate()))');
    const ended = server.end('SIGUSR2');
    await server.output(/"level":60,.*"msg":"the storage engine has failed/);
    expect(new Set(await threadsMet(server)).size).toBeGreaterThan(0);
    expect((await ended).code).toBe(1);
  });

  test('when one of the serving threads has died, and the log says of what', async () => {
    const dying =
      'import{isMainThread,threadId}from"node:worker_threads";' +
      'if(isMainThread){const all=[];process.on("worker",worker=>all.push(worker));' +
      'process.on("SIGUSR2",()=>all.at(-1).postMessage({kind:"serve",options:{}}))}';
    const { code, stdout } = await (await start(dying)).end('SIGUSR2');
    expect(code).toBe(1);
    expect(stdout).toMatch(/"level":60,.*"stack":".*serving-thread.*"msg":"defect"/);
  });
});

test('more than one thread on nothing but Unix sockets is refused as a wrong command line', async () => {
  const { code, stderr } = await freehold(['serve', '--listen', 'unix:kv.sock', '--threads', '2']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'freehold: --threads cannot be above 1 without a port: one thread serves Unix sockets, and those of systemd (see freehold serve --help)\n',
  });
});
