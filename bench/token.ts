/** The root token that the server is given, and every peer that looks at tokens. */
export const TOKEN = 'the-token-that-the-bench-gives';
