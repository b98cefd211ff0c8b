/** What every runtime runs: the scenarios, with the built client. */
import { connect } from '../../client/dist/index.js';
import { runScenarios } from '../binding/scenarios.js';

/** `options` are those of `connect`. */
export async function run(options) {
  return JSON.stringify(await runScenarios(connect(options)));
}
