/** Takes the checks one after the other. */
import { CHECKS } from './checks.ts';
import { type Finding, problem } from './finding.ts';
import type { Site } from './site.ts';

export interface Examined {
  readonly name: string;
  readonly finding: Finding;
}

/** Every check once; without a directory there is nothing to look at after the first. */
export async function* examine(site: Site): AsyncGenerator<Examined> {
  for (const [index, { name, look }] of CHECKS.entries()) {
    const finding = await attempt(() => look(site));
    yield { name, finding };
    if (index === 0 && finding.level === 'problem') return;
  }
}

async function attempt(look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const advice = 'run freehold doctor as the user that the server runs as, or as root';
    return problem(`cannot be checked: ${error instanceof Error ? error.message : String(error)}`, advice);
  }
}
