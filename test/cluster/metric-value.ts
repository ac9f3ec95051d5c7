/** Reading Prometheus' text format. */

/** The value of the one series of that name with these labels, perhaps among others; undefined where there is none. */
export function metricValue(text: string, name: string, labels: Record<string, string>): number | undefined {
  const found = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)));
  if (found.length > 1) throw new Error(`${found.length} series of ${name} have these labels: ${found.join(', ')}`);
  return found[0] === undefined ? undefined : Number(found[0].slice(found[0].lastIndexOf(' ')));
}

/** The sum of all series whose line is so. */
export function metricSum(text: string, pattern: RegExp): number {
  const lines = text.split('\n').filter((line) => pattern.test(line));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
