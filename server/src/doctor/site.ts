/** What the checks look at: a data directory, and the server that runs on it, if one does. */
import { askServer } from '../admin/client.ts';
import type { ServerStatus } from '../admin/server.ts';
import { type DatabaseReport, inspectDatabase } from '../database-inspection.ts';
import type { Clock } from '../kv/engine.ts';

export interface SiteOptions {
  /** Absolute. */
  readonly directory: string;
  readonly clock: Clock;
  /** Where the operator has set a floor of free disk space. */
  readonly diskFreeBytesMin?: number;
}

export interface Site extends SiteOptions {
  /** Undefined where no server answers. */
  readonly server: ServerStatus | undefined;
  /** Why a server that is there cannot be asked, if so. */
  readonly unasked: string | undefined;
  /** Not to be called while a server answers. The work is done once. */
  inspect(): DatabaseReport;
}

export async function findSite(options: SiteOptions): Promise<Site> {
  let report: DatabaseReport | undefined;
  const inspect = () => (report ??= inspectDatabase(options.directory));
  try {
    const server = await askServer(options.directory, 'GET /status');
    return { ...options, server, unasked: undefined, inspect };
  } catch (error) {
    return { ...options, server: undefined, unasked: (error as Error).message, inspect };
  }
}
