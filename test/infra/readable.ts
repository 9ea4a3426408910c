export const plain = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** ` if …`, or nothing where there is no condition. */
export const onlyIf = (condition: unknown): string =>
  condition === undefined
    ? ''
    : ` if ${plain(condition)
        .replace(/[{}":]*[{}"][{}":]*/g, ' ')
        .trim()}`;

/** A value of a template as text: ids without the CDK's hash, joins joined. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': joined } = (value ?? {}) as Record<string, unknown>;
  if (typeof Ref === 'string') return Ref.replace(/[0-9A-F]{8}$/, '').replace(/^AWS::/, '');
  if (Array.isArray(attribute)) return readable({ Ref: attribute[0] });
  if (Array.isArray(joined)) return (joined[1] as unknown[]).map(readable).join(joined[0] as string);
  return plain(value);
}
