/** `freehold doctor`: a line for every check, and exit code 1 where one has found a problem. */
import { resolve } from 'node:path';
import type { DoctorConfig } from '../config/doctor.ts';
import { CHECKS } from '../doctor/checks.ts';
import { examine } from '../doctor/examine.ts';
import { findSite } from '../doctor/site.ts';
import { writeResult } from '../standard-output.ts';
import { systemClock } from '../system-clock.ts';

export async function doctor({ dataDirectory, diskFreeBytesMin }: DoctorConfig): Promise<void> {
  const site = await findSite({
    directory: resolve(dataDirectory),
    clock: systemClock,
    ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
  });
  const width = Math.max(...CHECKS.map(({ name }) => name.length));
  for await (const { name, finding } of examine(site)) {
    const { level, text, advice } = finding;
    const told = advice === undefined ? text : `${text}: ${advice}`;
    await writeResult(`${level.padEnd('problem'.length)}  ${name.padEnd(width)}  ${told}\n`);
    if (level === 'problem') process.exitCode = 1;
  }
}
