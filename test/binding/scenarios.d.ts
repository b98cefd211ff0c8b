import type { KVNamespace } from '@cloudflare/workers-types';

export interface Outcome {
  readonly name: string;
  /** What the scenario answered, in JSON's terms; absent when it threw. */
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Scenarios whose outcome in workerd's binding rightly is another than the client's, and why. */
export const DIFFERENCES: Readonly<Record<string, string>>;

/** Every outcome, in order. `kv` should be empty; it is empty again afterwards. */
export function runScenarios(kv: KVNamespace): Promise<Outcome[]>;
