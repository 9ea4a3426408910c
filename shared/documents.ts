/** Large documents (inventories, ramdisk logs): a bucket on AWS, a folder locally. */
export interface DocumentStore {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Only where no rule of a bucket forgets what is old. What is not there is gone already. */
  remove?(key: string): Promise<void>;
}
