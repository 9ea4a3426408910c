import type { Api, Json } from './api.ts';

/** What a verb works with: the service, and where it says what came of it. */
export interface Context {
  api: Api;
  /** For programs: the documents as the API gives them. */
  json: boolean;
  /** The result; nothing else goes to standard output. */
  out(text: string): void;
  /** For people: what to do next, warnings. */
  note(text: string): void;
}

/** Says the document to programs, or the text to people. */
export function tell({ json, out }: Context, document: Json, text: () => string): void {
  out(json ? JSON.stringify(document, null, 2) : text());
}

export const encoded = (ident: string): string => encodeURIComponent(ident);
