/** `freehold kv list`: a key a line, or a line of JSON a key or a pair. */
import type { KvListConfig } from '../../config/kv.ts';
import { exportedLines } from '../../remote/pairs.ts';
import { writeResult } from '../../standard-output.ts';
import { keyLine } from './key-line.ts';
import { onNamespace } from './on-namespace.ts';

export function list(config: KvListConfig): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY } = config;
  return onNamespace(config, { readOnly: true }, async ({ api, namespace }) => {
    const show = shownOf(config);
    const output = new Output();
    let listed = 0;
    for await (const line of await exportedLines(api, namespace, { ...config, show })) {
      await output.write(show === 'keys' ? keyLine(JSON.parse(line.toString())) : line.toString());
      listed += 1;
      if (listed >= limit) break;
    }
    await output.end();
  });
}

function shownOf({ values, json }: KvListConfig): 'pairs' | 'listing' | 'keys' {
  if (values) return 'pairs';
  return json ? 'listing' : 'keys';
}

const LINES_CHARACTERS = 65_536;

/** Lines that are written many at a time. */
class Output {
  #lines = '';

  async write(line: string): Promise<void> {
    this.#lines += `${line}\n`;
    if (this.#lines.length >= LINES_CHARACTERS) await this.end();
  }

  async end(): Promise<void> {
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '') await writeResult(lines);
  }
}
