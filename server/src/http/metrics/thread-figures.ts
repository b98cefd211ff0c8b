/**
 * What a serving thread counts, in memory that all of them share: a scrape may come to any. To count a request takes a
 * hundredth of a microsecond or so, as it is all additions in one array.
 */
import { ERRORS, type ErrorName } from '../../kv/errors.ts';
import {
  addTo,
  type Histogram,
  histogramSlots,
  newSlots,
  SECONDS_BOUNDS,
  SharedHistogram,
  type Slots,
} from '../../kv/histogram.ts';

const BYTES_IN = 0;
const BYTES_OUT = 1;
const CONNECTIONS = 2;
const LOOP_DELAY = 3;
const LOOP_ACTIVE = 4;
const STARTED_AT = 5;
const IN_FLIGHT = 6;
const WAITING = 7;
const REFUSALS = 8;

const MALFORMED_CREDENTIALS: readonly ErrorName[] = [
  'credentialsMissing',
  'authorizationMalformed',
  'authEmailMalformed',
  'authKeyMalformed',
];

/** Refused although no credentials are asked for. */
const WITHOUT_CREDENTIALS: readonly ErrorName[] = ['pageForbidden', 'hostForbidden'];

export const TOKEN_FAILURES = (Object.keys(ERRORS) as ErrorName[]).filter(name => {
  const isRefusal = [401, 403].includes(ERRORS[name].status) && !WITHOUT_CREDENTIALS.includes(name);
  return isRefusal || MALFORMED_CREDENTIALS.includes(name);
});
export const ENGINE_ERRORS: readonly ErrorName[] = ['storageFull', 'engineUnavailable', 'internal'];

const COUNTED_REFUSALS = [...TOKEN_FAILURES, ...ENGINE_ERRORS];
const REFUSAL_SLOTS: ReadonlyMap<ErrorName, number> = new Map(
  COUNTED_REFUSALS.map((name, index) => [name, REFUSALS + index]),
);

const ROUTES = REFUSALS + COUNTED_REFUSALS.length;
/** The first for answers that nobody was there to take. */
const STATUS_SLOTS = 401;
const STATUS_BEFORE_FIRST = 199;
const SLOTS_PER_ROUTE = STATUS_SLOTS + histogramSlots(SECONDS_BOUNDS);

/** A request that is over. */
export interface FinishedRequest {
  /** A number up to `routes`, which stands for none of them. */
  readonly route: number;
  /** Undefined where the client left before the answer. */
  readonly status: number | undefined;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly refusal: ErrorName | undefined;
}

export interface RouteTotals {
  readonly route: number;
  /** Requests by status. */
  readonly statuses: ReadonlyMap<number | undefined, number>;
  readonly seconds: Histogram;
}

export class ThreadFigures {
  /** To be handed to other threads. */
  readonly slots: Slots;
  readonly #durations: readonly SharedHistogram[];

  constructor(routes: number, slots: Slots = newSlots(ROUTES + (routes + 1) * SLOTS_PER_ROUTE)) {
    this.slots = slots;
    this.#durations = Array.from({ length: routes + 1 }, (_, route) => {
      return new SharedHistogram(SECONDS_BOUNDS, slots, startOf(route) + STATUS_SLOTS);
    });
  }

  finished({ route, status, seconds, bytesIn, bytesOut, refusal }: FinishedRequest): void {
    addTo(this.slots, statusSlot(route, status), 1);
    this.#durations[route]?.observe(seconds);
    addTo(this.slots, BYTES_IN, bytesIn);
    addTo(this.slots, BYTES_OUT, bytesOut);
    if (refusal === undefined) return;
    const slot = REFUSAL_SLOTS.get(refusal);
    if (slot !== undefined) addTo(this.slots, slot, 1);
  }

  connected(): void {
    addTo(this.slots, CONNECTIONS, 1);
  }

  disconnected(): void {
    addTo(this.slots, CONNECTIONS, -1);
  }

  /** Notes how many bytes are in flight, and how many bodies and answers wait for room. */
  inFlight(bytes: number, waiting: number): void {
    this.slots[IN_FLIGHT] = bytes;
    this.slots[WAITING] = waiting;
  }

  get inFlightBytes(): number {
    return this.slots[IN_FLIGHT] ?? 0;
  }

  get waiting(): number {
    return this.slots[WAITING] ?? 0;
  }

  get bytesIn(): number {
    return this.slots[BYTES_IN] ?? 0;
  }

  get bytesOut(): number {
    return this.slots[BYTES_OUT] ?? 0;
  }

  get connections(): number {
    return this.slots[CONNECTIONS] ?? 0;
  }

  get loopDelaySeconds(): number {
    return this.slots[LOOP_DELAY] ?? 0;
  }

  set loopDelaySeconds(seconds: number) {
    this.slots[LOOP_DELAY] = seconds;
  }

  get loopActiveSeconds(): number {
    return this.slots[LOOP_ACTIVE] ?? 0;
  }

  set loopActiveSeconds(seconds: number) {
    this.slots[LOOP_ACTIVE] = seconds;
  }

  /** Of the thread; seconds since the Unix epoch. */
  get startedAt(): number {
    return this.slots[STARTED_AT] ?? 0;
  }

  set startedAt(seconds: number) {
    this.slots[STARTED_AT] = seconds;
  }

  /** How many requests were refused for one of `TOKEN_FAILURES` or `ENGINE_ERRORS`. */
  refusals(name: ErrorName): number {
    return this.slots[REFUSAL_SLOTS.get(name) ?? -1] ?? 0;
  }

  /** Of a route that was asked for; undefined otherwise. */
  route(route: number): RouteTotals | undefined {
    const statuses = new Map<number | undefined, number>();
    const start = startOf(route);
    for (const [index, count] of this.slots.subarray(start, start + STATUS_SLOTS).entries()) {
      if (count > 0) statuses.set(index === 0 ? undefined : STATUS_BEFORE_FIRST + index, count);
    }
    const seconds = this.#durations[route]?.read();
    return statuses.size === 0 || seconds === undefined ? undefined : { route, statuses, seconds };
  }
}

function startOf(route: number): number {
  return ROUTES + route * SLOTS_PER_ROUTE;
}

function statusSlot(route: number, status: number | undefined): number {
  return startOf(route) + (status === undefined ? 0 : status - STATUS_BEFORE_FIRST);
}
