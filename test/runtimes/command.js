/** The scenarios as a command of Node, Deno or Bun: takes the options of `connect` as JSON, and prints the outcomes. */
import { argv, stdout } from 'node:process';
import { run } from './run.js';

const [, , options] = argv;
stdout.write(await run(JSON.parse(options)));
