import type { ApiResponse, RawResponse } from '../http.ts';

/** An empty body has no content type: the CLI would try to parse it (T2). */
export function render(response: ApiResponse, method: string, common: Record<string, string>): RawResponse {
  if (response.text !== undefined) {
    const headers = { 'Content-Type': 'text/plain; charset=utf-8', ...common, ...response.headers };
    return { status: response.status, headers, body: method === 'HEAD' ? '' : response.text };
  }
  if (response.bytes !== undefined) {
    const headers = { ...common, ...response.headers };
    // Whoever mounts an image asks how long it is first.
    if (method === 'HEAD') headers['Content-Length'] = String(response.bytes.length);
    return { status: response.status, headers, body: '', ...(method !== 'HEAD' && { bytes: response.bytes }) };
  }
  const hasBody = response.body !== undefined;
  return {
    status: response.status,
    headers: { ...common, ...(hasBody ? { 'Content-Type': 'application/json' } : {}), ...response.headers },
    body: hasBody && method !== 'HEAD' ? JSON.stringify(response.body) : '',
  };
}
