/** Sends an answer that is made while it goes out, no faster than its client takes it. */
import type { ServerResponse } from 'node:http';
import { endWhereStopping } from './answer.ts';
import { drain } from './body.ts';
import type { Call } from './call.ts';
import type { Pieces } from './pieces.ts';

/**
 * Resolves when all was handed over, or the client is gone. Rejects where a piece could not be made: then the answer has
 * no end, or has not even begun.
 */
export async function answerInPieces(call: Call, pieces: Pieces): Promise<void> {
  const { request, response } = call;
  drain(request);
  try {
    // Before the head: what fails until then can still be refused.
    let piece = request.method === 'HEAD' ? undefined : await pieces.next();
    begin(call);
    while (piece !== undefined && !response.closed) {
      call.bytesOut += piece.length;
      await send(call, response, piece);
      piece = response.closed ? undefined : await pieces.next();
    }
    response.end();
  } finally {
    pieces.close();
  }
}

function begin(call: Call): void {
  const { response, commonHeaders, headers, contentType } = call;
  endWhereStopping(call);
  response.writeHead(call.status, [...commonHeaders, ...headers, 'content-type', contentType]);
}

/** Resolves when the system has taken the piece, or the client is gone. */
function send({ services }: Call, response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise(resolve => {
    const unwatch = services.admission.watchPart(response);
    const leave = (): void => {
      unwatch();
      response.off('close', leave);
      resolve();
    };
    response.once('close', leave);
    response.write(piece, leave);
  });
}
