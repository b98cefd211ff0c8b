/** Pages of 1,000 keys, beside a plain implementation, and in namespaces of every size. */
import { isDeepStrictEqual } from 'node:util';
import type { Bench, Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import { type LoadOptions, loadContender, type RepeatableRequest } from '../load.ts';
import type { Measurement } from '../measurement.ts';
import { PLAIN } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, WORKLOADS } from '../workloads.ts';
import { Wrk } from '../wrk.ts';

const PAGE_KEYS = 1_000;
const PAGE = `/keys?limit=${PAGE_KEYS}`;

/** Where in a namespace pages lie, and the requests for them. */
type Pages = Readonly<Record<'first page' | 'middle page' | 'late prefix', readonly RepeatableRequest[]>>;

interface Answer {
  readonly result: readonly { readonly name: string }[];
  readonly result_info: { readonly cursor: string };
}

export const list: Suite = {
  name: 'list',
  summary: 'pages of 1,000 keys: first, middle and late ones, in namespaces of 10 thousand keys and more',
  async run(bench) {
    const measurements: Measurement[] = [];
    for (const name of ['small', 'described'] as const) {
      measurements.push(...(await measureBesidePlain(bench, name)));
      await bench.clear();
    }
    return [...measurements, ...(await measureSizes(bench))];
  },
};

async function measureBesidePlain(bench: Bench, name: 'small' | 'described'): Promise<Measurement[]> {
  const load = await loadOptions(bench);
  const servers = await bench.serveAll();
  const contenders: Contender[] = [];
  for (const server of servers) {
    await (await server.namespace()).putBulk(WORKLOADS[name], 0, bodyOf(WORKLOADS[name], 0));
    await server.settle();
    const requests = Object.values(await pagesOf(server)).flat();
    contenders.push(loadContender({ ...load, name: server.name, server, requests }));
    if (contenders.length > 1) continue;
    const plain = await bench.peer('plain', server.directory);
    for (const { path } of requests) {
      const [one, other] = await Promise.all([server, plain].map(each => each.client.ok('GET', path)));
      if (!isDeepStrictEqual(parse(one?.body).result, parse(other?.body).result)) throw new Error(`${path} differs`);
    }
    contenders.push(loadContender({ ...load, name: PLAIN, server: plain, requests }));
  }
  const work = name === 'small' ? 'any page' : 'any page, with metadata';
  return await interleave({ suite: 'list', work, ...bench.rounds(1, 5) }, contenders);
}

/** All sizes in turn, each with a server of its own. */
async function measureSizes(bench: Bench): Promise<Measurement[]> {
  const load = await loadOptions(bench);
  const sizes = [10_000, 100_000, ...bench.choose([], [1_000_000]), ...(bench.options.huge ? [10_000_000] : [])];
  const sized: { name: string; server: Freehold; pages: Pages }[] = [];
  for (const size of sizes) {
    for (const server of await bench.serveAll(() => bench.datasets.copy(size))) {
      const name = `${server.name}, ${size.toLocaleString('en')} keys`;
      sized.push({ name, server, pages: await pagesOf(server) });
    }
  }
  const measurements: Measurement[] = [];
  for (const work of ['first page', 'middle page', 'late prefix'] as const) {
    const contenders = sized.map(({ name, server, pages }) =>
      loadContender({ ...load, name, server, requests: pages[work] }),
    );
    measurements.push(...(await interleave({ suite: 'list', work, ...bench.rounds(1, 5) }, contenders)));
  }
  return measurements;
}

async function loadOptions(bench: Bench): Promise<Omit<LoadOptions, 'name' | 'server' | 'requests'>> {
  const wrk = new Wrk(await bench.directory('wrk'));
  return { wrk, connections: 4, seconds: bench.choose(1, 2), check: isPage, unit: 'per second' };
}

/** The middle pages begin at 32 places of the third and fourth eighth of the namespace. */
async function pagesOf(server: Freehold): Promise<Pages> {
  const namespace = await server.namespace();
  const page = (query: string): RepeatableRequest => ({ method: 'GET', path: namespace.path(`${PAGE}${query}`) });
  const middle: RepeatableRequest[] = [];
  for (const place of PLACES) {
    const { body } = await server.client.ok('GET', namespace.path(`/keys?limit=10&prefix=${place}`));
    middle.push(page(`&cursor=${parse(body).result_info.cursor}`));
  }
  return { 'first page': [page('')], 'middle page': middle, 'late prefix': [page('&prefix=area-7-')] };
}

const PLACES = ['area-3-', 'area-4-'].flatMap(area => [...'0123456789abcdef'].map(digit => area + digit));

const isPage: LoadOptions['check'] = answer => {
  const names = parse(answer).result.map(({ name }) => name);
  const inOrder = names.every((name, index) => index === 0 || name > (names[index - 1] ?? ''));
  if (names.length !== PAGE_KEYS || !inOrder) throw new Error(`not a page: ${answer.subarray(0, 200)}`);
};

function parse(answer: Buffer | undefined): Answer {
  return JSON.parse(String(answer));
}
