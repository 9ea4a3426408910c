/** One figure of the product beside what it may be. Counts only: they are the same on every machine. */
export interface Row {
  what: string;
  unit: string;
  measured: number;
  /** Absent: shown for information. */
  budget?: number;
  note?: string;
}

export const isOver = ({ measured, budget }: Row): boolean => budget !== undefined && measured > budget;

export function verdict(row: Row): 'ok' | 'over' | 'shown' {
  if (row.budget === undefined) return 'shown';
  return isOver(row) ? 'over' : 'ok';
}
