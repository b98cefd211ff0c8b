/** Runs the functions that tests send, in a worker, on its bindings. Answers `{ result }` or `{ error }`. */
import { runScenarios } from './scenarios.js';

export default {
  async fetch(request, { EVAL, ...bindings }) {
    const { source, args } = await request.json();
    try {
      const call = EVAL.newAsyncFunction(`return (${source})(env, ...args);`, 'test', 'env', 'args');
      return Response.json({ result: await call({ ...bindings, runScenarios }, args) });
    } catch (error) {
      return Response.json({ error: { name: error.name, message: error.message } });
    }
  },
};
