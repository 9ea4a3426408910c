/**
 * Every document lies in one of these. The rights of functions are made from them (infra/permissions.ts): who may write an
 * inventory cannot read a config drive.
 */
export const DOCUMENT_FOLDERS = [
  // May hold passwords.
  'configdrives',
  'inventory',
  'logs',
  // What strangers posted.
  'submissions',
  // How async vendor calls ended.
  'vendor-calls',
] as const;
export type DocumentFolder = (typeof DOCUMENT_FOLDERS)[number];

export const documentKey = (folder: DocumentFolder, name: string): string => `${folder}/${name}`;

/** Large documents (inventories, ramdisk logs): a bucket on AWS, a folder locally. */
export interface DocumentStore {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Only where no rule of a bucket forgets what is old. What is not there is gone already. */
  remove?(key: string): Promise<void>;
}
