import { isPrintable } from '../../shared/boot/boot-script.ts';
import { parametersIso } from '../../shared/boot/parameters-iso.ts';
import { NotFound } from '../../shared/errors.ts';
import type { ApiResponse } from '../http.ts';
import type { Handler } from '../services.ts';

/** The medium that tells a booted agent where it reports to: here. BMCs ask for its length, then for pieces of it. */
export const parametersHandler: Handler = async ({ publicUrl, headers }) => {
  // A header may have said what our address is: white space in it would be another parameter.
  if (!isPrintable(publicUrl)) throw new NotFound('Not found.');
  return piece(parametersIso(publicUrl), headers['range']);
};

/** One range (RFC 9110 §14); several at once, or none that can be read, are answered with the whole. */
export function piece(whole: Uint8Array, range: string | undefined): ApiResponse {
  const common = {
    'Content-Type': 'application/x-iso9660-image',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
  };
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return { status: 200, headers: common, bytes: whole };
  const from = first === '' ? Math.max(0, whole.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? whole.length - 1 : Math.min(Number(last), whole.length - 1);
  if (from > to) return { status: 416, headers: { ...common, 'Content-Range': `bytes */${whole.length}` } };
  const headers = { ...common, 'Content-Range': `bytes ${from}-${to}/${whole.length}` };
  return { status: 206, headers, bytes: whole.subarray(from, to + 1) };
}
