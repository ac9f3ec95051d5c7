/** `nodewright render`: the objects of a resource, with no cluster. */
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { type KindSettingsOptions, readKindSettings } from './kind-settings.ts';
import { readResources } from './resource-files.ts';
import { DEFAULT_OPERATOR_NAMESPACE, OWN_IMAGE } from './version.ts';

export async function runRender(
  options: KindSettingsOptions & { filename: string; agentImage?: string },
): Promise<number> {
  const resources = await readResources(options.filename);
  const kindOptions = {
    operatorNamespace: DEFAULT_OPERATOR_NAMESPACE,
    agentImage: options.agentImage ?? OWN_IMAGE,
    ...readKindSettings(options),
  };
  const objects = resources.flatMap(({ kind, object }) => {
    try {
      return kind.render(object, kindOptions, new Date(), randomBytes);
    } catch (error) {
      throw new Error(
        `${object.kind} ${object.metadata.name}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
  process.stdout.write(toYaml(objects));
  return 0;
}

/** YAML that kubectl reads as it is meant: version 1.1 rules decide what is quoted. */
export function toYaml(objects: object[]): string {
  return objects
    .map((object) => stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n');
}
