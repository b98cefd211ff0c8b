/** Gathers what `/metrics` tells, of all serving threads and of the engine. */
import type { Check, Engine, EngineFigures } from '../../kv/engine.ts';
import type { ErrorName } from '../../kv/errors.ts';
import { addHistograms, type Slots } from '../../kv/histogram.ts';
import { exposition, type Sample } from './exposition.ts';
import { readProcessFigures } from './process-figures.ts';
import { ENGINE_ERRORS, type RouteTotals, ThreadFigures, TOKEN_FAILURES } from './thread-figures.ts';

/** What requests to a route are counted under. */
export interface RouteLabels {
  readonly id: string;
  readonly method: string;
}

/** What no route takes: wrong paths and methods, and a browser's questions. */
const NO_ROUTE: RouteLabels = { id: 'none', method: 'any' };

/** The memory in which so many serving threads count, the first of them since `startedAt`, in seconds. */
export function newThreadSlots(threads: number, routes: number, startedAt: number): readonly Slots[] {
  return Array.from({ length: threads }, () => {
    const figures = new ThreadFigures(routes);
    figures.startedAt = startedAt;
    return figures.slots;
  });
}

export class Metrics {
  readonly #labels: readonly RouteLabels[];
  readonly #threads: readonly ThreadFigures[];

  constructor(routes: readonly RouteLabels[], slots: readonly Slots[]) {
    this.#labels = [...routes, NO_ROUTE];
    this.#threads = slots.map(each => new ThreadFigures(routes.length, each));
  }

  /** In Prometheus' text format. */
  async scrape(engine: Engine, version: string): Promise<string> {
    const [checks, figures] = await Promise.all([engine.check(), engine.figures()]);
    return exposition({
      freehold_build_info: [{ labels: { version, node: process.versions.node }, value: 1 }],
      ...this.#http(),
      ...ofEngine(checks, figures),
      ...this.#process(),
    });
  }

  #http() {
    const routes = this.#labels.flatMap((labels, index) => {
      const totals = this.#threads.flatMap(thread => thread.route(index) ?? []);
      return totals.length === 0 ? [] : [{ labels, totals }];
    });
    return {
      freehold_http_requests_total: routes.flatMap(({ labels, totals }) => requestSamples(labels, totals)),
      freehold_http_request_duration_seconds: routes.map(({ labels: { id, method }, totals }): Sample => {
        return { labels: { route: id, method }, value: totals.map(({ seconds }) => seconds).reduce(addHistograms) };
      }),
      freehold_http_request_body_bytes_total: this.#sum(thread => thread.bytesIn),
      freehold_http_response_body_bytes_total: this.#sum(thread => thread.bytesOut),
      freehold_http_connections: this.#sum(thread => thread.connections),
      freehold_in_flight_bytes: this.#sum(thread => thread.inFlightBytes),
      freehold_in_flight_waiting: this.#sum(thread => thread.waiting),
      freehold_token_failures_total: this.#refusals(TOKEN_FAILURES),
      freehold_engine_errors_total: this.#refusals(ENGINE_ERRORS),
      freehold_event_loop_delay_p99_seconds: this.#each(thread => thread.loopDelaySeconds),
      freehold_event_loop_active_seconds_total: this.#each(thread => thread.loopActiveSeconds),
    };
  }

  #process() {
    const { cpuSeconds, residentBytes, openFiles, filesMax } = readProcessFigures();
    return {
      process_cpu_seconds_total: [{ value: cpuSeconds }],
      process_resident_memory_bytes: [{ value: residentBytes }],
      process_start_time_seconds: [{ value: this.#threads[0]?.startedAt ?? 0 }],
      process_open_fds: known(openFiles),
      process_max_fds: known(filesMax),
    };
  }

  #refusals(names: readonly ErrorName[]): Sample[] {
    return names.flatMap(reason =>
      this.#sum(thread => thread.refusals(reason)).map(sample => ({ ...sample, labels: { reason } })),
    );
  }

  #sum(figure: (thread: ThreadFigures) => number): Sample[] {
    return [{ value: this.#threads.reduce((sum, thread) => sum + figure(thread), 0) }];
  }

  #each(figure: (thread: ThreadFigures) => number): Sample[] {
    return this.#threads.map((thread, index) => ({ labels: { thread: String(index) }, value: figure(thread) }));
  }
}

function requestSamples({ id, method }: RouteLabels, totals: readonly RouteTotals[]): Sample[] {
  const statuses = new Set(totals.flatMap(({ statuses }) => [...statuses.keys()]));
  return [...statuses].map(status => {
    const value = totals.reduce((sum, { statuses }) => sum + (statuses.get(status) ?? 0), 0);
    return { labels: { route: id, method, status: String(status ?? 'aborted') }, value };
  });
}

function ofEngine(checks: readonly Check[], figures: EngineFigures) {
  const { local } = figures;
  return {
    freehold_ready: checks.map(({ name, reason }) => ({
      labels: { check: name },
      value: reason === undefined ? 1 : 0,
    })),
    freehold_pairs_written_total: [{ value: figures.pairsPut }],
    freehold_pairs_deleted_total: [{ value: figures.pairsDeleted }],
    freehold_bytes_written_total: [{ value: figures.bytesPut }],
    freehold_expired_pairs_swept_total: [{ value: figures.pairsSwept }],
    freehold_commit_requests: [{ value: figures.commitRequests }],
    freehold_commit_duration_seconds: [{ value: figures.commitSeconds }],
    freehold_database_bytes: known(local?.databaseBytes),
    freehold_wal_bytes: known(local?.logBytes),
    freehold_checkpoint_age_seconds: known(local?.logAgeSeconds),
    freehold_disk_free_bytes: known(local?.diskFreeBytes),
    freehold_disk_floor_bytes: known(local?.diskFreeBytesMin),
    freehold_backup_last_success_timestamp_seconds: known(local?.backups.lastAt),
    freehold_backup_last_duration_seconds: known(local?.backups.lastSeconds),
    freehold_backup_last_bytes: known(local?.backups.lastBytes),
    freehold_backup_failures_total: known(local?.backups.failures),
    freehold_backup_interval_seconds: known(local?.backups.intervalSeconds),
  };
}

function known(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ value }];
}
