/** Lets bodies in and answers out as there is memory for them, and gives up those that do not get on. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { ByteBudget, type Reservation } from './byte-budget.ts';
import { Transfers } from './transfers.ts';

export interface AdmissionOptions {
  /** For large bodies and answers. */
  readonly inFlightBytes?: number | undefined;
  readonly waitMs?: number | undefined;
  readonly windowMs?: number | undefined;
}

interface SentValue {
  readonly reservation: Reservation;
  answers: number;
}

export class Admission {
  /** Budgets of their own, so that small ones never wait behind large ones. */
  readonly #small: ByteBudget;
  readonly #medium: ByteBudget;
  readonly #large: ByteBudget;
  /** Values on their way out. However many answers have the same one, it is in memory once, and counted once. */
  readonly #sent = new WeakMap<Buffer, SentValue>();
  readonly transfers: Transfers;
  /** Called when `inFlightBytes` or `waiting` have changed. */
  onChange: () => void = () => {};

  constructor({
    inFlightBytes = LIMITS.inFlightBytes,
    waitMs = LIMITS.admissionWaitMs,
    windowMs = LIMITS.transferWindowMs,
  }: AdmissionOptions = {}) {
    const budget = (limitBytes: number): ByteBudget => {
      return new ByteBudget({ limitBytes, waitMs, onChange: () => this.onChange() });
    };
    this.#small = budget(LIMITS.smallInFlightBytes);
    this.#medium = budget(LIMITS.smallInFlightBytes);
    this.#large = budget(inFlightBytes);
    this.transfers = new Transfers({ windowMs, windowBytes: LIMITS.transferWindowBytes });
  }

  /** Bytes of bodies and answers that are let in or out at this moment. */
  get inFlightBytes(): number {
    return this.#small.inFlight + this.#medium.inFlight + this.#large.inFlight;
  }

  /** Bodies and answers that wait for their turn. */
  get waiting(): number {
    return this.#small.waiting + this.#medium.waiting + this.#large.waiting;
  }

  /** Undefined where it would have to wait. */
  tryReserve(bytes: number): Reservation | undefined {
    return this.#budgetFor(bytes).tryReserve(bytes);
  }

  /**
   * Waits until there is room.
   * @throws {KvError} `overloaded` after too long a wait, `requestMalformed` where the client is gone.
   */
  async reserve(bytes: number, response: ServerResponse): Promise<Reservation> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    response.once('close', leave);
    const reservation = await this.#budgetFor(bytes).reserve(bytes, gone.signal);
    response.off('close', leave);
    if (reservation === undefined) throw kvError(gone.signal.aborted ? 'requestMalformed' : 'overloaded');
    return reservation;
  }

  /** Counts a value for as long as it is being sent, by what was reserved for it. False where it would have to wait. */
  hold(value: Buffer, response: ServerResponse, reserved?: Reservation): boolean {
    const known = this.#sent.get(value);
    const sent = known !== undefined && known.answers > 0 ? known : this.#beginSending(value, reserved);
    if (sent === undefined) return false;
    if (sent.reservation !== reserved) reserved?.release();
    sent.answers++;
    // Knows nothing of the value, so that one of which a copy is sent can go.
    const leave = (): void => {
      sent.answers--;
      if (sent.answers === 0) sent.reservation.release();
    };
    // Of one that is closed already, nothing is sent.
    if (response.closed) leave();
    else response.once('close', leave);
    return true;
  }

  /** To be called when an answer was handed to its connection. What the system has not yet taken of it is watched. */
  watch(response: ServerResponse): void {
    const { socket } = response.req;
    if (socket.writableLength > 0) response.once('close', this.watchPart(response));
  }

  /** The same for a part of an answer. The function that is returned is to be called when the system has taken it. */
  watchPart({ req: { socket } }: ServerResponse): () => void {
    const transfer = { moved: () => takenBytes(socket), end: () => socket.destroy() };
    this.transfers.add(transfer);
    return () => this.transfers.delete(transfer);
  }

  #beginSending(value: Buffer, reserved: Reservation | undefined): SentValue | undefined {
    const enough = reserved !== undefined && reserved.bytes >= value.length;
    const reservation = enough ? reserved : this.tryReserve(value.length);
    if (reservation === undefined) return undefined;
    reservation.shrink(value.length);
    const sent = { reservation, answers: 0 };
    this.#sent.set(value, sent);
    return sent;
  }

  #budgetFor(bytes: number): ByteBudget {
    if (bytes <= LIMITS.smallBodyBytes) return this.#small;
    return bytes <= LIMITS.mediumBodyBytes ? this.#medium : this.#large;
  }
}

/**
 * Bytes that the system has taken. Node counts as written what waits in libuv, too; its own timeouts of sockets look at
 * the same figure of the handle.
 */
function takenBytes(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return socket.bytesWritten - (handle?.writeQueueSize ?? 0);
}
