/** How numbers are written for people: `1 pair`, `12,345 pairs`. */
export function pairAmount(pairs: number): string {
  return pairs === 1 ? '1 pair' : `${grouped(pairs)} pairs`;
}

export function grouped(number: number): string {
  return number.toLocaleString('en-GB');
}
