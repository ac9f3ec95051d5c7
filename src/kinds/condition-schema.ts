/** Conditions as they stand in the status of our own kinds (Kubernetes API conventions). */
import { z } from 'zod';

const condition = z.strictObject({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string().meta({ format: 'date-time' }),
  observedGeneration: z.int().optional(),
});

/** A list that is merged by type. */
export const conditionsSchema = z
  .array(condition)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .optional();
