/**
 * Pod templates that were written for the Cosmos Operator and change one of its helper containers. The name of such a container means
 * another program here; what was said about the program is read as it was meant.
 */
import type { Container } from '../../../kube/objects.ts';
import { HELPER_CONTAINERS, SCRIPT_HELPERS } from './helper-containers.ts';

/** The Cosmos Operator's helper images, from whichever registry. */
const ORIGINAL_IMAGE = /(?:^|\/)(?:infra-toolkit|cosmos-operator)(?:[:@]|$)/;

/** A container of a pod template, as it is to be merged. */
export function adaptHelperPatch(container: Container): Container {
  if (!HELPER_CONTAINERS.has(container.name)) return container;
  const { image, command, args, ...rest } = container;
  // The binary of the Cosmos Operator: our command does the same.
  const isOriginalCommand = command?.[0] === '/manager';
  const ownCommand = isOriginalCommand ? undefined : (command ?? impliedShell(container));
  // A mirror of an image without our agent is of use only to a command of the user's own.
  const keepsImage = image !== undefined && (ownCommand !== undefined || !ORIGINAL_IMAGE.test(image));
  return {
    ...rest,
    ...(keepsImage ? { image } : {}),
    ...(ownCommand === undefined ? {} : { command: ownCommand }),
    ...(args === undefined || isOriginalCommand ? {} : { args }),
  };
}

/** Arguments alone are for the shell that the Cosmos Operator's script helpers run. */
function impliedShell({ name, args }: Container): string[] | undefined {
  return SCRIPT_HELPERS.has(name) && args?.length ? ['sh'] : undefined;
}
