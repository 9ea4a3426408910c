import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** A small raw image that looks like a disk with a partition table: `55 AA` at 510, the disk's id at 440. */
function rawImage(): Buffer {
  const image = Buffer.alloc(1024 * 1024, 'nodeless ');
  image.fill(0, 0, 512);
  image.writeUInt32LE(0x1ab00001, 440);
  image.writeUInt16BE(0x55aa, 510);
  return image;
}

/** Serves it over HTTP, and says what `instance_info` needs to get it. */
export async function serveImage() {
  const image = rawImage();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Length': image.length, 'Content-Type': 'application/octet-stream' });
    response.end(request.method === 'HEAD' ? undefined : image);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  return {
    image,
    instanceInfo: {
      image_source: `http://127.0.0.1:${port}/disk.raw`,
      image_disk_format: 'raw',
      image_os_hash_algo: 'sha256',
      image_os_hash_value: createHash('sha256').update(image).digest('hex'),
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
