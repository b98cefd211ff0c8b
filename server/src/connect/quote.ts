/** Texts as literals of the languages that configuration is written in. */

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function jsString(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inside}'`;
}

/** `${` and `%{` would begin a template. */
export function hclString(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, '$&$&');
}

const CAPNP_SPECIAL = /["\\]/g;

/** Cap'n Proto has no `\u`, and takes UTF-8 as it is. */
export function capnpString(text: string): string {
  const escaped = text.replace(CAPNP_SPECIAL, '\\$&').replace(/\p{Cc}/gu, capnpByte);
  return `"${escaped}"`;
}

function capnpByte(control: string): string {
  return Buffer.from(control).toString('hex').replace(/../g, '\\x$&');
}
