import { Forbidden } from '../../shared/errors.ts';

/**
 * A page of another site can make a browser call us: with the password that it has kept, or, on a developer's machine, with
 * none. Programs send neither header. Reading is left to the browser, which shows no answer without our leave. Throws Forbidden.
 */
export function refuseOtherSites(method: string, headers: Record<string, string>, publicUrl: string): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { 'sec-fetch-site': site, origin, host } = headers;
  const ours = [host, URL.parse(publicUrl)?.host];
  const foreign = origin !== undefined && !ours.includes(URL.parse(origin)?.host ?? origin);
  if (site === undefined ? foreign : !['same-origin', 'none'].includes(site)) {
    throw new Forbidden('A page of another site may not call this API');
  }
}
