/** One figure of the product beside what it may be: a count, the same on every machine, or a ratio of one run. */
export interface Row {
  what: string;
  unit: string;
  /** Absent: what it needs is not there; `note` says what. */
  measured?: number;
  /** Absent: shown for information. */
  budget?: number;
  note?: string;
}

export const isOver = ({ measured, budget }: Row): boolean =>
  measured !== undefined && budget !== undefined && measured > budget;

export function verdict(row: Row): 'ok' | 'over' | 'shown' | 'not measured' {
  if (row.measured === undefined) return 'not measured';
  if (row.budget === undefined) return 'shown';
  return isOver(row) ? 'over' : 'ok';
}
