export async function runDemo(_options: {
  context?: string;
  height?: number;
  timeout: number;
  down?: boolean;
}): Promise<number> {
  throw new Error('not there yet');
}
