import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DocumentStore } from '../../documents.ts';
import { InvalidInput, Unavailable } from '../../errors.ts';

/** Documents as objects of one bucket. Keys obey the same rule as in a folder. */
export class S3Documents implements DocumentStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    const where = { Bucket: this.#bucket, Key: checked(key) };
    try {
      await this.#client.send(new PutObjectCommand({ ...where, Body: bytes, ContentType: contentType }));
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const where = { Bucket: this.#bucket, Key: checked(key) };
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(where));
      return await Body?.transformToByteArray();
    } catch (cause) {
      // Told only to callers who may list the bucket; others hear 403 for what is missing.
      if (cause instanceof Error && cause.name === 'NoSuchKey') return undefined;
      throw unavailable(cause);
    }
  }
}

function checked(key: string): string {
  const bad = key.includes('\\') || key.includes('\0') || key.split('/').some((part) => /^\.*$/.test(part));
  if (bad) throw new InvalidInput('This is not a key of a document');
  return key;
}

const unavailable = (cause: unknown): Unavailable =>
  new Unavailable('The document could not be read or written', 5, { cause });
