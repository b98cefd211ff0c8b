/** One item of a bulk write: reads its members and says what is wrong with them. */
import type { ArrivingText } from './arriving-text.ts';
import { CLOSE_BRACE, DIGIT_0, OPEN_BRACE } from './ascii.ts';
import { decodeBase64 } from './base64.ts';
import { BulkMember } from './bulk-member.ts';
import { type Fault, fault, shownKey } from './errors.ts';
import type { ExpiryPolicy } from './expiration.ts';
import type { JsonScanner } from './json-scanner.ts';
import { keyFault } from './keys.ts';
import { LIMITS } from './limits.ts';

/** A longer expiry that is not a number is not parsed, as it is refused anyway and may nest too deep to be shown. */
const PARSED_BYTES_MAX = 1_024;

/** The longest name of a member, with every character escaped. */
const NAME_BYTES_MAX = 'expiration_ttl'.length * '\\u0065'.length;

/** As many digits make a number without rounding. */
const EXACT_DIGITS_MAX = 15;

/** Shorter keys than this may be among the forbidden ones. */
const FREE_KEY_BYTES_MIN = 3;

/** Read one item after the other into the same object, for a bulk has ten thousand. */
export class BulkItem {
  readonly key = new BulkMember('key', { decodesStrings: true });
  readonly value = new BulkMember('value', { decodesStrings: true });
  readonly metadata = new BulkMember('metadata', { decodesStrings: false });
  /** Seconds since the Unix epoch, 0 for never; known once `check` has found no fault. */
  expiresAt = 0;
  /** Whether that follows from a TTL. */
  hasTtl = false;
  /** Whether it has expired already, where the policy lets that be. */
  hasExpired = false;

  readonly #base64 = new BulkMember('base64', { decodesStrings: false });
  readonly #expiration = new BulkMember('expiration', { decodesStrings: false });
  readonly #expirationTtl = new BulkMember('expiration_ttl', { decodesStrings: false });
  readonly #members = [this.key, this.value, this.metadata, this.#base64, this.#expiration, this.#expirationTtl];
  readonly #body: ArrivingText;
  readonly #now: number;
  readonly #resolveExpiry: ExpiryPolicy;
  #isObject = false;
  /** Whether some of its members have been read, but not all. */
  #isUnderWay = false;

  constructor(body: ArrivingText, now: number, resolveExpiry: ExpiryPolicy) {
    this.#body = body;
    this.#now = now;
    this.#resolveExpiry = resolveExpiry;
  }

  /** Can be called again where not all of the item has arrived, and then goes on behind the last member that has. */
  read(scanner: JsonScanner): void {
    if (!this.#isUnderWay) this.#begin(scanner);
    while (this.#isUnderWay) {
      this.#readMember(scanner);
      this.#isUnderWay = scanner.next(CLOSE_BRACE);
      scanner.keep();
    }
  }

  /** The first thing that is wrong with the item. Decodes a base64 value, so that it can be asked only once. */
  check(): Fault | undefined {
    if (!this.#isObject) return fault('memberInvalid', { member: 'item', expected: 'an object' });
    return this.#keyFault() ?? this.#typeFault() ?? this.#expiryFault() ?? this.#metadataFault() ?? this.#valueFault();
  }

  /** The key, where it has one. Of a key past the limit only a beginning, so that no fault holds on to megabytes. */
  keyText(): string | undefined {
    if (!this.key.isString) return undefined;
    return this.#text(this.key.start, Math.min(this.key.end, this.key.start + LIMITS.keyBytes));
  }

  #begin(scanner: JsonScanner): void {
    for (const member of this.#members) member.clear();
    this.#isObject = scanner.peek() === OPEN_BRACE;
    if (this.#isObject) this.#isUnderWay = scanner.enter(CLOSE_BRACE);
    else scanner.skipValue();
    scanner.keep();
  }

  #readMember(scanner: JsonScanner): void {
    scanner.readName();
    const member = this.#memberNamed(scanner.nameStart, scanner.nameEnd);
    if (member === undefined) scanner.skipValue();
    else member.read(scanner);
  }

  #memberNamed(start: number, end: number): BulkMember | undefined {
    const { bytes } = this.#body;
    for (const member of this.#members) {
      if (member.isNamed(bytes, start, end)) return member;
    }
    return this.#memberNamedWithEscapes(start, end);
  }

  #memberNamedWithEscapes(start: number, end: number): BulkMember | undefined {
    if (end - start > NAME_BYTES_MAX) return undefined;
    const text = this.#text(start, end);
    if (!text.includes('\\')) return undefined;
    const name: unknown = JSON.parse(`"${text}"`);
    return this.#members.find(member => member.name === name);
  }

  #keyFault(): Fault | undefined {
    if (!this.key.isString) return fault('memberInvalid', { member: 'key', expected: 'a string' });
    // Only these can be at fault; all others need not become strings.
    const isPlain = this.key.bytes >= FREE_KEY_BYTES_MIN && this.key.bytes <= LIMITS.keyBytes;
    return isPlain ? undefined : keyFault(this.#text(this.key.start, this.key.end));
  }

  #typeFault(): Fault | undefined {
    if (!this.value.isString) return fault('memberInvalid', { member: 'value', expected: 'a string' });
    if (this.#base64.isAbsent || this.#base64.isBoolean) return undefined;
    return fault('memberInvalid', { member: 'base64', expected: 'a boolean' });
  }

  #expiryFault(): Fault | undefined {
    const expiry = this.#resolveExpiry(this.#parsed(this.#expiration), this.#parsed(this.#expirationTtl), this.#now);
    if ('fault' in expiry) return expiry.fault;
    this.hasExpired = 'hasPassed' in expiry;
    this.expiresAt = 'expiresAt' in expiry ? expiry.expiresAt : 0;
    this.hasTtl = !this.#expirationTtl.isAbsent;
    return undefined;
  }

  #metadataFault(): Fault | undefined {
    const { bytes } = this.metadata;
    const limit = LIMITS.metadataBytes;
    return bytes > limit ? fault('metadataTooLarge', { bytes, limit }) : undefined;
  }

  #valueFault(): Fault | undefined {
    const { value } = this;
    if (this.#base64.isTrue) {
      const decoded = decodeBase64(this.#body.bytes, value.start, value.end);
      if ('illegalByte' in decoded) {
        return fault('base64Invalid', { key: shownKey(this.keyText() ?? ''), byte: decoded.illegalByte });
      }
      value.end = decoded.end;
    }
    const limit = LIMITS.valueBytes;
    return value.bytes > limit ? fault('valueTooLarge', { bytes: value.bytes, limit }) : undefined;
  }

  #parsed(member: BulkMember): unknown {
    if (member.isAbsent) return undefined;
    if (member.isNumber) return this.#number(member);
    const text = this.#text(member.start, Math.min(member.end, member.start + PARSED_BYTES_MAX));
    return member.bytes > PARSED_BYTES_MAX ? text : JSON.parse(text);
  }

  /** What JSON.parse makes of a number: one of a few digits, the common form, without a string in between. */
  #number({ start, end }: BulkMember): number {
    const { bytes } = this.#body;
    let number = 0;
    for (let at = start; at < end; at++) {
      const digit = (bytes[at] ?? 0) - DIGIT_0;
      if (digit < 0 || digit > 9 || at - start === EXACT_DIGITS_MAX) return Number(this.#text(start, end));
      number = number * 10 + digit;
    }
    return number;
  }

  #text(start: number, end: number): string {
    return Buffer.from(this.#body.bytes.buffer, start, end - start).toString();
  }
}
