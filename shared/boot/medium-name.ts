import { createHmac, timingSafeEqual } from 'node:crypto';

/** In `parametersIso` of the configuration: the place of a name, one for each boot. Then the medium has that boot's token. */
export const MEDIUM = '{medium}';
/** Name of the medium without a token, for machines to which none may be handed over. */
export const WITHOUT_TOKEN = 'address';

/** What is signed begins with it, so that no name is ever a token and no token the end of a name. */
const DOMAIN = 'medium';
const NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9]\d{0,9})\.[\w-]{43}$/;

/** `<node>.<generation>.<HMAC-SHA-256 of both under the token key>`: who has it may read that generation's token. */
export function mediumName(key: Uint8Array, nodeUuid: string, generation: number): string {
  const seal = createHmac('sha256', key).update(`${DOMAIN}\0${nodeUuid}\0${generation}`).digest('base64url');
  return `${nodeUuid}.${generation}.${seal}`;
}

/** What a name stands for, if it was made here. */
export function readMediumName(key: Uint8Array, name: string): { node: string; generation: number } | undefined {
  const [, node, generation] = NAME.exec(name) ?? [];
  if (node === undefined) return undefined;
  const right = mediumName(key, node, Number(generation));
  if (!timingSafeEqual(Buffer.from(right), Buffer.from(name))) return undefined;
  return { node, generation: Number(generation) };
}

/** A text of a BMC, which may quote the address of its medium, without what nobody else may know of it. */
export const maskedMedium = (text: string): string => text.replace(/([0-9a-f-]{36}\.\d{1,10}\.)[\w-]+/g, '$1******');

/** Whether an address is one of ours, of whatever boot. */
export function isLike(address: unknown, template: string): boolean {
  const [before = '', after] = template.split(MEDIUM);
  if (typeof address !== 'string' || after === undefined) return address === template;
  return address.startsWith(before) && address.endsWith(after);
}
