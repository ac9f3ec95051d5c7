/** Figures of a benchmark, for people and for machines. */
export type Figure = {
  /** Stable, for machines. */
  name: string;
  /** What was measured, in words. */
  what: string;
  unit: 'ratio' | 's' | 'MB';
  /** Median of the rounds. */
  value: number;
  /** Every round. */
  values: number[];
  /** What the design asks for at most; absent where a figure is only told. */
  limit?: number;
};

export function figure(name: string, what: string, unit: Figure['unit'], values: number[], limit?: number): Figure {
  const rounded = values.map((value) => Math.round(value * 100) / 100);
  return { name, what, unit, value: medianOf(rounded), values: rounded, ...(limit === undefined ? {} : { limit }) };
}

function medianOf(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

export function formatFigures(figures: Figure[]): string {
  return figures
    .map(({ what, unit, value, values, limit }) => {
      const verdict =
        limit === undefined ? '' : value <= limit ? `  (limit ${limit}: kept)` : `  (limit ${limit}: NOT kept)`;
      const suffix = unit === 'ratio' ? ' x' : ` ${unit}`;
      return `${what}: ${value}${suffix}${verdict}\n    rounds: ${values.join(', ')}\n`;
    })
    .join('');
}
