/**
 * Fields of an object that were written with PUT, POST or a patch, as if server-side apply had written them: only what a manager applied
 * is removed when that manager no longer applies it (Kubernetes documentation, "Server-Side Apply", upgrading from client-side).
 */
import type { ObjectMeta } from '../kube/objects.ts';

type ManagedFields = NonNullable<ObjectMeta['managedFields']>[number];
type FieldSet = { [field: string]: FieldSet };

/**
 * `entries` with everything that `from` wrote by other means than apply given to the applies of `to`; undefined when there is nothing to
 * change. Fields of subresources stay as they are.
 */
export function adoptManagedFields(
  entries: readonly ManagedFields[],
  from: readonly string[],
  to: string,
): ManagedFields[] | undefined {
  const adopted = entries.filter(
    ({ manager, operation, subresource }) =>
      operation === 'Update' && !subresource && manager !== undefined && from.includes(manager),
  );
  const [first] = adopted;
  if (first === undefined) return undefined;
  const applied = entries.find(
    ({ manager, operation, subresource, apiVersion }) =>
      manager === to && operation === 'Apply' && !subresource && apiVersion === first.apiVersion,
  );
  // A field set holds for one version of the API; another one is left alone.
  const merged = adopted.filter(({ apiVersion }) => apiVersion === first.apiVersion);
  const fields = [applied, ...merged].reduce<FieldSet>((all, entry) => union(all, entry?.fieldsV1 as FieldSet), {});
  const rest = entries.filter((entry) => entry !== applied && !merged.includes(entry));
  return [{ ...first, manager: to, operation: 'Apply', fieldsV1: fields }, ...rest];
}

function union(a: FieldSet = {}, b: FieldSet = {}): FieldSet {
  const fields = { ...a };
  for (const [field, below] of Object.entries(b)) fields[field] = union(fields[field], below);
  return fields;
}
