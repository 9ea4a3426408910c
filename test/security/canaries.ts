/**
 * Secrets of tests that must never be printed. `npm test` reads everything that the whole suite writes and fails when one
 * of them is in it (watched-run.ts); use them as the passwords and tokens of new tests.
 */
const MARK = 'kanari7f3e';

export const CANARIES = {
  bmcPassword: `${MARK}-bmc-password`,
  configdrive: `${MARK}configdrive0`,
  rescuePassword: `${MARK}-rescue-password`,
  operatorPassword: `${MARK}-operator-password`,
  wrongPassword: `${MARK}-wrong-password`,
  vendorArgument: `${MARK}-vendor-argument`,
  query: `${MARK}-query`,
} as const;

/** What older tests use as their secret is looked for as well. */
export const NEVER_PRINTED: readonly string[] = [MARK, 's3cret'];

/** Which of the words are in a text: as they are, in base64 or percent-encoded. */
export function wordsIn(text: string, words: readonly string[]): string[] {
  return words.filter((word) =>
    [word, encodeURIComponent(word), Buffer.from(word).toString('base64').replace(/=+$/, '')].some((one) =>
      text.includes(one),
    ),
  );
}
