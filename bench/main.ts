/** `npm run bench`: the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { Bench, type BenchParts, type Suite } from './bench.ts';
import { type Build, COPIES, copyBuild, ownDist } from './build.ts';
import { suiteChart } from './chart.ts';
import { describeMachine, describeVersions } from './machine.ts';
import { FREEHOLD, type Measurement } from './measurement.ts';
import { type Options, parseOptions, USAGE, UsageError } from './options.ts';
import { killAllPrograms } from './program.ts';
import { machineText, suiteTable, targetTable } from './report.ts';
import { type Run, resultsOf } from './results.ts';
import { SUITES } from './suites.ts';
import { judge } from './targets.ts';
import { Workspace } from './workspace.ts';

const argv = process.argv.slice(2);

/** Sets the exit code: 2 for a wrong command line, 1 where something went wrong; targets that are missed are none. */
async function main(): Promise<void> {
  try {
    const options = parseOptions(argv);
    if (options.help) print(USAGE);
    else if (options.list) print(SUITES.map(({ name, summary }) => `${name.padEnd(14)} ${summary}\n`).join(''));
    else await measure(options, chosenSuites(options));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
}

function chosenSuites({ suites }: Options): readonly Suite[] {
  if (suites.length === 0) return SUITES;
  return suites.map(asked => {
    const suite = SUITES.find(({ name }) => name === asked);
    if (suite === undefined) throw new UsageError(`there is no suite ${asked}`);
    return suite;
  });
}

async function measure(options: Options, suites: readonly Suite[]): Promise<void> {
  endTogether();
  const notes = new Set<string>();
  const workspace = openWorkspace(options.directory);
  const builds = buildsOf(options);
  const machine = describeMachine(workspace.root);
  const versions = describeVersions(options.build);
  const note = (text: string): void => void notes.add(text);
  const bench = new Bench({ options, workspace, builds, note });
  note(`The server, its client and its peers share ${machine.cores} cores.`);
  const [load = 0] = loadavg();
  if (load > 1) note(`Others were using the machine: its load was ${load.toFixed(1)} at the start.`);
  if (machine.fileSystem === 'tmpfs') note('The data lies in memory: what is durable here costs nothing. See --dir.');
  if (options.profile !== undefined) note('The server was profiled, which slows it down.');
  print(machineText(machine, versions));

  const measurements: Measurement[] = [];
  const failures: string[] = [];
  for (const suite of suites) {
    try {
      const measured = await suite.run(bench);
      measurements.push(...measured);
      if (measured.length > 0) print(`\n${suite.name}: ${suite.summary}\n\n${suiteTable(measured)}`);
    } catch (error) {
      const text = `${suite.name}: ${error instanceof Error ? error.message : String(error)}`;
      failures.push(text);
      print(`\n${text}\n`);
      process.exitCode = 1;
    }
    await bench.clear();
  }

  const names = suites.map(({ name }) => name);
  const verdicts = judge(measurements, names);
  const date = new Date().toISOString();
  print(`\n${targetTable(verdicts, measurements)}\n${[...notes].join('\n')}\n`);
  write(options, { date, machine, versions, argv, measurements, verdicts, notes: [...notes], failures });
}

/** This checkout's build, or what is to take its place; and what it is to be compared with. */
function buildsOf({ build = ownDist(), baseline }: Options): BenchParts['builds'] {
  const copy = (name: string, dist: string): Build => copyBuild(name, resolve(dist), openWorkspace(COPIES).root);
  const own = copy(FREEHOLD, build);
  return baseline === undefined ? [own] : [own, copy('baseline', baseline)];
}

/** Gone when this process ends. */
function openWorkspace(parent: string | undefined): Workspace {
  const workspace = new Workspace(parent);
  process.on('exit', () => workspace.remove());
  return workspace;
}

/** However this process ends, but by SIGKILL, so does everything that it has started. */
function endTogether(): void {
  process.on('exit', killAllPrograms);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}

function write({ json, charts }: Options, run: Run): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(resultsOf(run), null, 2)}\n`);
  if (charts === undefined) return;
  mkdirSync(charts, { recursive: true });
  for (const [suite, measurements] of Map.groupBy(run.measurements, one => one.suite)) {
    writeFileSync(join(charts, `${suite}.svg`), suiteChart(suite, measurements));
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

await main();
