/** Every metric of `/metrics` in one table. `docs/operations.md` is held to it by a test. */
export interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence. */
  readonly help: string;
  readonly labels?: readonly string[];
}

export const METRICS = {
  freehold_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say which release runs on which Node.',
    labels: ['version', 'node'],
  },
  freehold_ready: {
    type: 'gauge',
    help: 'Whether a check of /readyz holds: 1 or 0.',
    labels: ['check'],
  },
  freehold_http_requests_total: {
    type: 'counter',
    help: 'Requests by what was answered; the status is "aborted" where the client left before the answer.',
    labels: ['route', 'method', 'status'],
  },
  freehold_http_request_duration_seconds: {
    type: 'histogram',
    help: 'From the head of a request until its answer was handed to the system.',
    labels: ['route', 'method'],
  },
  freehold_http_request_body_bytes_total: { type: 'counter', help: 'Bytes received in bodies of requests.' },
  freehold_http_response_body_bytes_total: { type: 'counter', help: 'Bytes in bodies of answers.' },
  freehold_http_connections: { type: 'gauge', help: 'Open connections.' },
  freehold_in_flight_bytes: { type: 'gauge', help: 'Bytes of bodies and answers that have been let in or out.' },
  freehold_in_flight_waiting: { type: 'gauge', help: 'Bodies and answers that wait for memory.' },
  freehold_token_failures_total: {
    type: 'counter',
    help: 'Requests that were refused for their credentials.',
    labels: ['reason'],
  },
  freehold_engine_errors_total: {
    type: 'counter',
    help: 'Requests that failed in storage, or by a defect.',
    labels: ['reason'],
  },
  freehold_pairs_written_total: { type: 'counter', help: 'Pairs written durably.' },
  freehold_pairs_deleted_total: { type: 'counter', help: 'Keys deleted durably, whether or not they were there.' },
  freehold_bytes_written_total: { type: 'counter', help: 'Keys, metadata and values of the pairs written.' },
  freehold_expired_pairs_swept_total: { type: 'counter', help: 'Expired pairs removed from the disk.' },
  freehold_commit_requests: { type: 'histogram', help: 'Changes made durable by one commit.' },
  freehold_commit_duration_seconds: {
    type: 'histogram',
    help: 'A transaction from its begin until the disk has it.',
  },
  freehold_database_bytes: { type: 'gauge', help: 'Size of the database file.' },
  freehold_wal_bytes: { type: 'gauge', help: 'Size of the write-ahead log.' },
  freehold_checkpoint_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest commit that is in the log only has waited for the database; 0 if none does.',
  },
  freehold_disk_free_bytes: { type: 'gauge', help: 'Free space on the file system of the data directory.' },
  freehold_disk_floor_bytes: { type: 'gauge', help: 'Free space under which writes are refused.' },
  freehold_backup_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'The instant that the last backup shows, since the Unix epoch; 0 if none is known.',
  },
  freehold_backup_last_duration_seconds: {
    type: 'gauge',
    help: 'How long the last backup took that this process has made; 0 if it has made none.',
  },
  freehold_backup_last_bytes: {
    type: 'gauge',
    help: 'Size of the last backup that this process has made; 0 if it has made none.',
  },
  freehold_backup_failures_total: { type: 'counter', help: 'Backups that failed.' },
  freehold_backup_interval_seconds: {
    type: 'gauge',
    help: 'How often the schedule wants a backup; 0 if none is set.',
  },
  freehold_event_loop_delay_p99_seconds: {
    type: 'gauge',
    help: 'How late a serving thread gets to its work, 99th percentile of the last 10 seconds.',
    labels: ['thread'],
  },
  freehold_event_loop_active_seconds_total: {
    type: 'counter',
    help: 'Time in which a serving thread was not idle.',
    labels: ['thread'],
  },
  process_cpu_seconds_total: { type: 'counter', help: 'Processor time of the process, user and system.' },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory of the process.' },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started, since the Unix epoch.' },
  process_open_fds: { type: 'gauge', help: 'Open file descriptors; on Linux.' },
  process_max_fds: { type: 'gauge', help: 'How many file descriptors the process may open; on Linux.' },
} as const satisfies Record<string, Family>;

export type MetricName = keyof typeof METRICS;
