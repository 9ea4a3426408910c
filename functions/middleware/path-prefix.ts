/**
 * A path without the prefix that the public URL has. A gateway takes its stage off; a domain's base path stays, and so does
 * what a proxy or a client leaves there.
 */
export function withoutPrefix(path: string, publicUrl: string): string {
  const prefix = (URL.parse(publicUrl)?.pathname ?? '').replace(/\/$/, '');
  return `${path}/`.startsWith(`${prefix}/`) ? path.slice(prefix.length) || '/' : path;
}
