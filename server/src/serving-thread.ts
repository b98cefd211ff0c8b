/** Entry of a further serving thread. Whatever it throws ends the thread, and so the process. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { pino } from 'pino';
import { joinEngine } from './data-directory.ts';
import { Admission } from './http/admission.ts';
import { buildApp } from './http/app.ts';
import { loadFormParser } from './http/multipart.ts';
import { KeyPairFiles } from './key-pair-files.ts';
import { Listener } from './listener.ts';
import type { ServingCommand, ServingOptions, ServingReport } from './serving-messages.ts';
import { systemClock } from './system-clock.ts';
import { Tokens } from './tokens.ts';
import { version } from './version.ts';

/** Answers how to stop. */
async function serve(options: ServingOptions, report: (report: ServingReport) => void): Promise<() => Promise<void>> {
  const { ports, share, corsOrigins, inFlightBytes, tls: paths, noAuth, logLevel, figures: all, thread: own } = options;
  const log = pino({ level: logLevel }, { write: line => report({ kind: 'logLine', line }) });
  const clock = systemClock;
  // The main thread's engine fails as this one does, and ends the process.
  const engine = await joinEngine(share, { clock, onFatal: () => {} });
  const tokens = new Tokens(engine, clock, { noAuth });
  const tls = paths && (await KeyPairFiles.open(paths, log));
  const admission = new Admission({ inFlightBytes });
  const services = { engine, tokens, clock, version, admission, figures: { all, own } };
  const more = { ...(corsOrigins && { corsOrigins }), ...(tls && { tls }) };
  const listener = new Listener(buildApp({ ...services, log, ...more }));
  await listener.listen(ports, 'further');
  report({ kind: 'listening' });
  setImmediate(() => loadFormParser().catch(error => log.warn({ err: error }, 'forms cannot be read yet')));
  return async () => {
    tls?.close();
    await listener.close();
    await engine.close();
  };
}

function start(port: MessagePort): void {
  let serving: Promise<() => Promise<void>> | undefined;
  port.on('message', async (command: ServingCommand) => {
    if (command.kind === 'serve') {
      serving = serve(command.options, report => port.postMessage(report));
      await serving;
    } else {
      const stop = await serving;
      await stop?.();
      port.close();
    }
  });
}

if (parentPort === null) throw new Error('this module runs in a worker thread only');
start(parentPort);
