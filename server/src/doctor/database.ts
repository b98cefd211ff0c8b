/** The database of a stopped server. */
import { type Finding, ok, problem, skipped, warning } from './finding.ts';
import type { Site } from './site.ts';

const AT_WORK = 'not looked into while a server runs, which verifies it at every start';
const RESTORE = 'stop using it, copy the directory as it is, and restore a backup';

export function checkLayout({ server, inspect }: Site): Finding {
  if (server !== undefined) return skipped(AT_WORK);
  const report = inspect();
  switch (report.kind) {
    case 'absent':
      return ok('there is no database yet, and the first start makes one');
    case 'inUse':
      return skipped(AT_WORK);
    case 'unusable':
      return problem(report.message, RESTORE);
    case 'inspected':
      if (report.layout === report.layoutOfRelease) return ok(`layout ${report.layout}, that of this release`);
      return warning(
        `layout ${report.layout}, where this release has ${report.layoutOfRelease}`,
        'the next start brings it up to date; copy the directory first if you may want to go back',
      );
  }
}

export function checkIntegrity({ server, inspect }: Site): Finding {
  if (server !== undefined) return skipped('not checked while a server runs: stop it, or check a copy');
  const report = inspect();
  if (report.kind !== 'inspected') return skipped('there is no database that can be read');
  if (report.faults.length > 0) return problem(report.faults.join('; '), RESTORE);
  return ok(`${report.pairs.toLocaleString('en-GB')} pairs, and their index agrees`);
}
