/** What to do about a refused caller, by what the gateway or the service says; the first row that fits. */
type Advice = readonly (readonly [said: RegExp | number, next: string])[];

const TO_SIGNERS: Advice = [
  [
    /Basic is expected/,
    'It wants a name, no signature: leave out --sign and NODELESS_SIGN, and give a name with --user.',
  ],
  [/token.*(expired|invalid)/i, 'These credentials have ended or are wrong: log in anew, for example `aws sso login`.'],
  [/^Signature (expired|not yet current)/, 'The clock of this machine is wrong: set it, and try again.'],
  [/operatorRoles/, 'An administrator adds that role or user to the option operatorRoles (infra/README.md).'],
  [/^(Missing Authentication Token|Forbidden)$/, 'Check --url: it is the output OperatorUrl, with its stage.'],
  [403, '`aws sts get-caller-identity` shows as whom you sign: let IAM allow that one execute-api:Invoke here.'],
];

const TO_OTHERS: Advice = [
  [401, 'Give a name with --user or NODELESS_USER; the password is asked for.'],
  [
    /Missing Authentication Token|Authorization header requires|key=value pair/,
    'Operators are known by IAM here: repeat it with --sign (or NODELESS_SIGN=iam) and AWS credentials at hand.',
  ],
  [403, 'Ask an administrator, or use another --user.'],
];

/** A name is wanted (400, as Ironic says it), none was given or a wrong one, or it may not. */
export const isDenied = (status: number, message: string): boolean =>
  status === 401 || status === 403 || (status === 400 && message.includes('Basic is expected'));

export function nextAfterDenied(signs: boolean, status: number, message: string): string | undefined {
  const rows = signs ? TO_SIGNERS : TO_OTHERS;
  return rows.find(([said]) => (typeof said === 'number' ? said === status : said.test(message)))?.[1];
}
