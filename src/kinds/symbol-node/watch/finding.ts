/** Something that a person should know of: it shows as an event and an alert while it lasts. */
import type { ConditionInput } from '../../../reconcile/conditions.ts';

export type Finding = {
  /** CamelCase and stable, with the container behind a colon where it concerns one: what is told once is known again by it. */
  name: string;
  severity: 'critical' | 'warning';
  /** What is wrong and what to do; may change while it lasts. */
  message: string;
};

/** What one thing that is watched is like. */
export type Judgement = { condition: ConditionInput; finding?: Finding };
