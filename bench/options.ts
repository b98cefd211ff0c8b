/** The command line of the bench. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Names of suites; all where there are none. */
  readonly suites: readonly string[];
  readonly quick: boolean;
  /** Also what takes ten million pairs. */
  readonly huge: boolean;
  readonly list: boolean;
  readonly help: boolean;
  readonly runs: number | undefined;
  readonly json: string | undefined;
  readonly charts: string | undefined;
  readonly directory: string | undefined;
  readonly profile: string | undefined;
  readonly build: string | undefined;
  readonly baseline: string | undefined;
  readonly serve: readonly string[];
}

export const USAGE = `npm run bench -- [SUITE…] [OPTION…]

Measures Freehold against its peers and the floors of the machine, and holds it to its targets.

  --list            names the suites and ends
  --quick           small data and few rounds; without Local Explorer
  --runs N          rounds that count, in place of what each suite takes
  --huge            also with ten million pairs: half an hour more, and 10 GB of disk
  --json FILE       writes machine, versions, every sample and every verdict
  --charts DIR      draws an SVG chart a suite
  --dir DIR         where the data lies, in place of the system's temporary directory
  --serve=--FLAG=V  a flag for \`freehold serve\`; can be given more than once
  --build DIR       a dist directory of the server, in place of that of this checkout
  --baseline DIR    another dist directory, which takes part as "baseline"
  --profile DIR     starts the server with --cpu-prof and keeps its profiles; figures are then slower
  --help            this
`;

export class UsageError extends Error {}

/** Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  return {
    suites: positionals,
    quick: values.quick,
    huge: values.huge,
    list: values.list,
    help: values.help,
    runs: values.runs === undefined ? undefined : parseRuns(values.runs),
    json: values.json,
    charts: values.charts,
    directory: values.dir,
    profile: values.profile,
    build: values.build,
    baseline: values.baseline,
    serve: values.serve,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        huge: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        runs: { type: 'string' },
        json: { type: 'string' },
        charts: { type: 'string' },
        dir: { type: 'string' },
        profile: { type: 'string' },
        build: { type: 'string' },
        baseline: { type: 'string' },
        serve: { type: 'string', multiple: true, default: [] },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parseRuns(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError('--runs takes a whole number from 1 on');
  return runs;
}
