/** A StatefulJob for people. */
import { type ResourceView, viewResource } from '../node-view.ts';
import type { StatefulJob } from './schema.ts';

export async function viewStatefulJob(resource: StatefulJob): Promise<ResourceView> {
  const { jobHistory: [last] = [], nextRunAt, status } = resource.status ?? {};
  const ended = last?.completionTime ?? (last?.failed ? 'failed' : undefined);
  return viewResource(resource, {
    facts: [
      ...(last?.startTime === undefined ? [] : [{ label: 'last Job began', value: last.startTime }]),
      ...(ended === undefined ? [] : [{ label: 'last Job ended', value: ended }]),
      ...(nextRunAt === undefined ? [] : [{ label: 'next Job', value: nextRunAt }]),
      ...(status === undefined ? [] : [{ label: 'now', value: status }]),
    ],
  });
}
