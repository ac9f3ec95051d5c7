/** Labels and annotations that Nodewright sets or reads, on every kind. */

/** The resource's kind, on every child; caches of children are filtered by it. */
export const LABEL_KIND = 'nodewright.dev/kind';
/** The resource's name, on every child. */
export const LABEL_RESOURCE = 'nodewright.dev/resource';
/** The node's name within its resource, on what belongs to one node. */
export const LABEL_NODE = 'nodewright.dev/node';
/** What a child is for, such as `validator`, `full`, `monitor`. */
export const LABEL_ROLE = 'nodewright.dev/role';
/** On what outlives its resource: that resource's uid. Taken off again when a resource resumes the object. */
export const LABEL_RETAINED_FROM = 'nodewright.dev/retained-from';

export const LABEL_MANAGED_BY = 'app.kubernetes.io/managed-by';
export const LABEL_NAME = 'app.kubernetes.io/name';
export const LABEL_INSTANCE = 'app.kubernetes.io/instance';
export const LABEL_COMPONENT = 'app.kubernetes.io/component';

/** Hash of a whole object as we last wrote it; a difference is a change of ours. */
export const ANNOTATION_APPLIED = 'nodewright.dev/applied';
/** On a pod: hash of what the user asked for. A difference restarts the pod, within the budget. */
export const ANNOTATION_ASKED = 'nodewright.dev/asked';
/** On a pod: hash of what we rendered. A difference waits for the next restart. */
export const ANNOTATION_RENDERED = 'nodewright.dev/rendered';
/** On a resource, set by a person: look and report, touch nothing. */
export const ANNOTATION_PAUSED = 'nodewright.dev/paused';
/** On a resource, set by a person: restart its nodes within the budget, as `kubectl rollout restart` does. */
export const ANNOTATION_RESTARTED_AT = 'nodewright.dev/restartedAt';

export const MANAGER = 'nodewright';

const OURS = 'nodewright.dev/';

/** Names that mean something to the operator are not the user's to set; the CRDs of our own kinds refuse them too. */
export function withoutOurs(entries: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !name.startsWith(OURS)));
}
