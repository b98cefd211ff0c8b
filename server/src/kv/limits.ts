/** Every limit of the product in one table, the unit in its name. `docs/limits.md` is held to it by a test. */
export const LIMITS = {
  /** A key, in UTF-8 after decoding. */
  keyBytes: 512,
  /** A stored value: 25 MiB, after base64 decoding. */
  valueBytes: 26_214_400,
  /** The metadata of one pair, as the JSON text that was sent. */
  metadataBytes: 1_024,

  /** Pairs in one bulk write. */
  bulkPutPairs: 10_000,
  /** Keys in one bulk delete, and of a clear in one step. */
  bulkDeleteKeys: 10_000,
  /** Keys in one bulk get. */
  bulkGetKeys: 100,
  /** Values of one bulk get, added up: 25 MiB. */
  bulkGetValueBytes: 26_214_400,
  /** Body of a bulk write or bulk delete: 100 MB. */
  bulkBodyBytes: 100_000_000,
  /** Body of a small JSON request (bulk get, create or rename a namespace): 1 MiB. */
  jsonBodyBytes: 1_048_576,
  /** What a multipart body may weigh beyond its value: 64 KiB for metadata, part headers and boundaries. */
  multipartOverheadBytes: 65_536,
  /** Parts in one multipart body. */
  multipartParts: 64,
  /** Faults of one bulk request that are listed; the rest are only counted. */
  bulkFaultsListed: 12,

  /** `limit` when listing keys. */
  listKeysMin: 10,
  listKeysMax: 1_000,
  /** `per_page` when listing namespaces. */
  listNamespacesMax: 1_000,
  listNamespacesDefault: 20,
  /** Namespaces in one account. */
  namespacesPerAccount: 1_000,
  /** A namespace's title, in Unicode characters. */
  titleCharacters: 512,

  /** `expiration_ttl`, and how far ahead `expiration` must lie. */
  expirationTtlSecondsMin: 60,
  /** `cacheTtl` of a read through a KV binding. */
  cacheTtlSecondsMin: 30,
  /** Threads that serve HTTP. */
  servingThreads: 64,
  /** A root token given by the operator. */
  rootTokenCharactersMin: 16,

  /** How long a browser may keep what it was told of CORS: 2 hours, past which Chromium asks again in any case. */
  corsMaxAgeSeconds: 7_200,
  /** A token's name, in Unicode characters. */
  tokenNameCharacters: 1_000,
  /** Tokens in all, but for the root token. */
  tokens: 10_000,
  /** How long a token that has expired is kept at least, for its owner to see it in the list: 30 days. */
  expiredTokenSeconds: 2_592_000,
  /** Namespaces that one token names. */
  tokenNamespaces: 1_000,
  /** How exactly it is known when a token was last used: 1 hour, in which it is written down once. */
  tokenUseSeconds: 3_600,
  /** Tokens with limits whose use is counted; past it the one that was counted first begins anew. */
  tokenMetersKept: 10_000,
  /** Tokens in use whose hashes are kept in memory; past it all are hashed again. */
  tokenHashesKept: 1_000,
  /** Request line and headers together: 64 KiB. */
  requestHeaderBytes: 65_536,
  /** The reason phrase in which a KV binding gets the text of an error. */
  reasonPhraseCharacters: 512,
  /** From the first byte of a request to the last of its headers: 60 s. */
  requestHeadersMs: 60_000,
  /** From the first byte of a request to the last of its body: 1 hour, in which 100 MB come by 0.25 Mbit/s. */
  requestMs: 3_600_000,
  /** How often requests that take too long are looked for: 5 s. */
  requestCheckMs: 5_000,
  /** What has to move of a body or answer within a window, or it is given up: 60 kB in 60 s. */
  transferWindowMs: 60_000,
  transferWindowBytes: 60_000,
  /** Large bodies and answers that are in memory at once, past which others wait: 256 MiB, unless the operator says. */
  inFlightBytes: 268_435_456,
  /** Up to here a body or an answer is small, 64 KiB, or of medium size, 1 MiB, and waits behind its like only. */
  smallBodyBytes: 65_536,
  mediumBodyBytes: 1_048_576,
  /** Small ones that are in memory at once, and as many of medium size: 64 MiB. */
  smallInFlightBytes: 67_108_864,
  /** How long a body or answer waits for room in memory: 30 s. */
  admissionWaitMs: 30_000,
  /** Exports, counts and copies under way, in each serving thread. */
  scans: 8,
  /** Conditions on metadata in one export. */
  exportConditions: 16,
  /** What a compressed body is inflated by at a time: 64 KiB. */
  inflatedChunkBytes: 65_536,
  /** Requests of one connection that wait for the answer to an earlier one; past it the connection is closed. */
  pipelinedRequests: 50,
  /** How long an idle connection is kept: 10 minutes, because workerd does not repeat a PUT on a closed one. */
  keepAliveMs: 600_000,
  /** How long a client may take to agree on TLS: 10 s. */
  tlsHandshakeMs: 10_000,
  /** How often the files of certificate and key are looked at for a change: 10 s. */
  tlsReloadMs: 10_000,
  /** What is still read of a refused body, so that the client sees the answer: 128 MB or 10 s. */
  drainBytes: 128_000_000,
  drainMs: 10_000,
  /** How long a stopping server waits for requests in flight: 10 s. */
  shutdownMs: 10_000,
  /** How long idle connections may still send a request while a server stops whose sockets outlive it: 1 s. */
  handOverMs: 1_000,
  /** How long a stop may take in all, writes that were accepted included, before the process ends as it is: 30 s. */
  stopMs: 30_000,
  /** How long reads go on after a failed fsync before the process ends: 5 s. */
  fatalLingerMs: 5_000,
  /** Log lines that are kept while nobody reads standard output; past it lines are dropped: 64 MiB. */
  logUnreadBytes: 67_108_864,
  /** How long a stopping server waits for its last log lines to be read: 1 s. */
  logCloseMs: 1_000,
} as const;
