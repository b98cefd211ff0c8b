/** Every check of `freehold doctor`, in the order of its lines. `docs/operations.md` is held to it by a test. */
import { checkBackups } from './backups.ts';
import { checkIntegrity, checkLayout } from './database.ts';
import { checkDirectory, checkModes, checkOwner } from './directory.ts';
import { checkFileSystem, checkSpace } from './disk.ts';
import type { Finding } from './finding.ts';
import { checkReadiness, checkServer, checkVersions } from './server.ts';
import type { Site } from './site.ts';
import { checkClock, checkFiles } from './system.ts';

export interface DoctorCheck {
  readonly name: string;
  look(site: Site): Finding | Promise<Finding>;
}

export const CHECKS: readonly DoctorCheck[] = [
  { name: 'directory', look: checkDirectory },
  { name: 'owner', look: checkOwner },
  { name: 'modes', look: checkModes },
  { name: 'file system', look: checkFileSystem },
  { name: 'disk space', look: checkSpace },
  { name: 'file limit', look: checkFiles },
  { name: 'clock', look: checkClock },
  { name: 'versions', look: checkVersions },
  { name: 'server', look: checkServer },
  { name: 'readiness', look: checkReadiness },
  { name: 'layout', look: checkLayout },
  { name: 'integrity', look: checkIntegrity },
  { name: 'backups', look: checkBackups },
];
