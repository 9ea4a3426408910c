import type { JsonObject } from '../json.ts';

/** Facts of a hardware profile, as `properties` name them. The first ones do not change in a machine's life. */
const MODEL = ['vendor', 'model', 'cpu_arch'] as const;
const SHAPE = ['cpus', 'memory_mb', 'local_gb'] as const;
/** Fewer say too little. */
const FEWEST = 3;

export interface ProfileComparison {
  verdict: 'agrees' | 'contradicts' | 'silent';
  /** Facts that differ, as people read them. */
  changed: string[];
}

const text = (value: unknown): string | undefined => {
  const kept = typeof value === 'string' ? value.trim().toLowerCase() : typeof value === 'number' ? String(value) : '';
  return kept === '' ? undefined : kept;
};

/** Another model is another machine; more memory or another disk is the same one, upgraded. */
export function compareProfile(shown: JsonObject, listed: JsonObject): ProfileComparison {
  const compared = [...MODEL, ...SHAPE].filter(
    (fact) => text(shown[fact]) !== undefined && text(listed[fact]) !== undefined,
  );
  const differs = compared.filter((fact) => text(shown[fact]) !== text(listed[fact]));
  const changed = differs.map((fact) => `${fact} ${text(listed[fact])} → ${text(shown[fact])}`);
  if (differs.some((fact) => (MODEL as readonly string[]).includes(fact))) return { verdict: 'contradicts', changed };
  return { verdict: changed.length === 0 && compared.length >= FEWEST ? 'agrees' : 'silent', changed };
}

export const profileText = (profile: JsonObject): string =>
  [...MODEL, ...SHAPE].flatMap((fact) => text(profile[fact]) ?? []).join(', ');
