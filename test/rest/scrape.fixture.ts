/** For tests: what a scrape of /metrics has told. */
import { expect } from 'vitest';
import type { Client } from './client.fixture.ts';

const SAMPLE = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/;

export class Scrape {
  readonly text: string;
  /** By name and labels, as `name{label="text"}`. */
  readonly samples = new Map<string, number>();
  /** Of every sample. */
  readonly names = new Set<string>();

  constructor(text: string) {
    this.text = text;
    for (const line of text.split('\n').filter(line => line !== '' && !line.startsWith('#'))) {
      const [, name = '', labels, value] = SAMPLE.exec(line) ?? expect.unreachable(`${line} is no sample`);
      this.names.add(name);
      this.samples.set(labels === undefined ? name : `${name}{${labels}}`, Number(value));
    }
  }

  static async of(client: Client): Promise<Scrape> {
    const answer = await client.send('GET', '/metrics');
    expect(answer.status).toBe(200);
    return new Scrape(answer.text);
  }

  /** Again and again until it holds: a request is counted just after its answer has left. */
  static async until(client: Client, holds: (scrape: Scrape) => boolean): Promise<Scrape> {
    for (;;) {
      const scrape = await Scrape.of(client);
      if (holds(scrape)) return scrape;
    }
  }

  /** 0 for a sample that is not there. */
  get(sample: string): number {
    return this.samples.get(sample) ?? 0;
  }
}
