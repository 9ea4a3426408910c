import type { IncomingMessage } from 'node:http';

/** The body, `undefined` when there is none, or `too-large` as soon as that is known. Nothing beyond the limit is kept. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined | 'too-large'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return 'too-large';
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= limit) chunks.push(chunk);
      else resolve('too-large');
    });
    request.on('end', () => resolve(size === 0 ? undefined : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the request was aborted')));
  });
}
