/** Figures of a benchmark, for people and for machines. */
export type Figure = {
  /** Stable, for machines. */
  name: string;
  /** What was measured, in words. */
  what: string;
  unit: 'ratio' | 's' | 'MB' | 'per min' | 'writes' | '%';
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

export function isKept({ value, limit }: Figure): boolean {
  return limit === undefined || value <= limit;
}

function medianOf(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** One object: every value under its name, and what lies behind it. */
export function toJson(bench: string, figures: Figure[]): object {
  return {
    bench,
    kept: figures.every(isKept),
    ...Object.fromEntries(figures.map(({ name, value }) => [name, value])),
    figures,
  };
}

export function formatFigures(figures: Figure[]): string {
  return figures
    .map((one) => {
      const { what, unit, value, values, limit } = one;
      const verdict = limit === undefined ? '' : `  (limit ${limit}: ${isKept(one) ? 'kept' : 'NOT kept'})`;
      const suffix = unit === 'ratio' ? ' x' : ` ${unit}`;
      const rounds = values.length === 1 ? '' : `    rounds: ${values.join(', ')}\n`;
      return `${what}: ${value}${suffix}${verdict}\n${rounds}`;
    })
    .join('');
}
