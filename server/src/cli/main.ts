#!/usr/bin/env node
/** The command line: checks Node's version, then loads only what the command at hand needs. */

const NODE_MIN = '22.14';
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [majorMin = 0, minorMin = 0] = NODE_MIN.split('.').map(Number);

if (major < majorMin || (major === majorMin && minor < minorMin)) {
  process.stderr.write(`freehold: needs Node ${NODE_MIN} or newer, and this is ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  // Not by a top-level await, which the bundle cannot have.
  void import('./run.ts').then(({ run }) => run(process.argv.slice(2), process.env));
}

export {};
