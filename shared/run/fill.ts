import { type DocumentStore, documentKey } from '../documents.ts';
import { NotFound } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { SecretStore } from '../node/node-store.ts';
import type { ExchangeReply, ExchangeRequest } from './run.ts';

/**
 * What a row may not hold, because it is large or secret, stands in it as a reference. It is put in when the command
 * leaves, and goes nowhere else.
 */
const SECRET = 'nodeless-secret:';
const DOCUMENT = 'nodeless-document:';

/** Name of the secret with the crypt(3) hash of a rescue password. */
export const RESCUE_PASSWORD = 'rescue_password_hash';
export const SECRET_RESCUE_PASSWORD = `${SECRET}${RESCUE_PASSWORD}`;

export const rescueSecretOf = (node: string): string => `${node}/rescue`;

export const documentReference = (key: string): string => `${DOCUMENT}${key}`;

/** The key that a reference names, if it is one. */
export function referredDocument(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.startsWith(DOCUMENT) ? value.slice(DOCUMENT.length) : undefined;
}

export interface FillDependencies {
  documents: DocumentStore;
  secrets: Pick<SecretStore, 'get'>;
}

/**
 * The request with everything that its references stand for. Only where a command takes one, so that nobody can ask for
 * a secret by writing its name into an argument. Throws `NotFound` when a reference leads nowhere.
 */
export async function filled(
  request: ExchangeRequest,
  node: string,
  given: FillDependencies,
): Promise<ExchangeRequest> {
  if (request.to !== 'agent' || request.command !== 'run') return request;
  const { params } = request;
  if (params['rescue_password'] === SECRET_RESCUE_PASSWORD) {
    const hash = (await given.secrets.get(rescueSecretOf(node)))[RESCUE_PASSWORD];
    if (typeof hash !== 'string') throw new NotFound('the rescue password is not there any more');
    return { ...request, params: { ...params, rescue_password: hash } };
  }
  const step = objectOf(params['step']);
  const args = objectOf(step?.['args']);
  const key = referredDocument(args?.['configdrive']);
  if (key === undefined) return request;
  if (!key.startsWith(`${configdrivePrefix(node)}/`)) throw new NotFound('the config drive is of another node');
  const bytes = await given.documents.get(key);
  if (!bytes?.length) throw new NotFound('the config drive is not there any more: it has to be given again');
  const configdrive = new TextDecoder().decode(bytes);
  return { ...request, params: { ...params, step: { ...step, args: { ...args, configdrive } } } };
}

export const configdrivePrefix = (node: string): string => documentKey('configdrives', node);

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

/** Large results become documents before anybody writes them into a row: the row gets the key. */
export async function kept(
  request: ExchangeRequest,
  reply: ExchangeReply,
  run: { id: string; node: string },
  given: Pick<FillDependencies, 'documents'>,
): Promise<ExchangeReply> {
  if (request.to !== 'agent' || request.command !== 'run' || request.name !== 'log.collect_system_logs') return reply;
  const logs = reply.kind === 'command' ? reply.command.command_result?.['system_logs'] : undefined;
  if (reply.kind !== 'command' || typeof logs !== 'string') return reply;
  const document = documentKey('logs', `${run.node}/${run.id}.tar.gz`);
  try {
    await given.documents.put(document, Buffer.from(logs, 'base64'), 'application/gzip');
  } catch {
    return { kind: 'refused', status: 503, message: 'the logs could not be stored' };
  }
  return { kind: 'command', command: { ...reply.command, command_result: { document } } };
}
