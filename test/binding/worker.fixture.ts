/** The worker that runs in workerd and in Miniflare, and how tests make it run something. */
import type { KVNamespace, KVNamespacePutOptions } from '@cloudflare/workers-types';
import type { runScenarios } from './scenarios.js';

/** Its modules, the first of which is where it begins. They lie beside this file. */
export const MODULES = ['worker.js', 'scenarios.js'];

/** The binding through which it evaluates text. */
export const EVAL = 'EVAL';

/** A namespace to which also the streams can be given that Node has types for. */
export type BoundNamespace = Omit<KVNamespace, 'put'> & {
  put(key: string, value: PutValue | ReadableStream, options?: KVNamespacePutOptions): Promise<void>;
};

type PutValue = Parameters<KVNamespace['put']>[1];

/** What a function sees that runs in the worker: the bindings, and the scenarios. */
type Environment<Name extends string> = Readonly<Record<Name, BoundNamespace>> & {
  readonly runScenarios: typeof runScenarios;
};

/** `Args` and `Result` have to be what JSON can carry. */
export type WorkerFunction<Name extends string, Args extends readonly unknown[], Result> = (
  env: Environment<Name>,
  ...args: Args
) => Result | Promise<Result>;

/** Runs the function in the worker. It goes there as text, so that it sees its arguments and nothing around it. */
export async function runInWorker<Name extends string, Args extends readonly unknown[], Result>(
  send: (body: string) => Promise<string>,
  call: WorkerFunction<Name, Args, Result>,
  args: Args,
): Promise<Result> {
  const { result, error } = JSON.parse(await send(JSON.stringify({ source: call.toString(), args })));
  if (error !== undefined) throw Object.assign(new Error(error.message), { name: error.name });
  return result;
}
