/** The Job that deletes the database of a stopped node, on the volume of its identity (spec hopr §3.4). */
import { createHash } from 'node:crypto';
import type { Job } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { Hoprd } from '../schema.ts';
import { childMetadata, commonLabels } from './metadata.ts';
import { DATABASE_FOLDER, DATABASE_VOLUME } from './node-files.ts';
import { secureHoprPod } from './pod-user.ts';

const COMPONENT_DELETE_DATABASE = 'delete-database';

const SUFFIX_LENGTH = 10;
/** The name of a Job is a label of its pods. */
const NAME_LENGTH = 63;
/** Long enough to be read by somebody who wonders. */
const KEEP_SECONDS = 3600;

/**
 * @param claimName of the identity's volume
 * @param round tells one wish to delete the database from the next; the same wish always gives the same Job
 */
export function buildDeleteDatabaseJob(hoprd: Hoprd, claimName: string, round: string, settings: HoprSettings): Job {
  const labels = commonLabels(settings, hoprd.metadata.name, COMPONENT_DELETE_DATABASE);
  const files = ['hopr_index.db', 'hopr_logs.db'].map((file) => `${DATABASE_FOLDER}/db/${file}*`);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: childMetadata(hoprd, jobName(hoprd, round), labels),
    spec: {
      ttlSecondsAfterFinished: KEEP_SECONDS,
      template: {
        metadata: { labels },
        spec: secureHoprPod(
          {
            restartPolicy: 'Never',
            containers: [
              {
                name: 'delete-hoprd-db',
                image: settings.images.deleteDatabase,
                command: ['/bin/sh', '-c'],
                args: [`rm -rf ${files.join(' ')}`],
                volumeMounts: [{ name: DATABASE_VOLUME, mountPath: DATABASE_FOLDER }],
              },
            ],
            volumes: [{ name: DATABASE_VOLUME, persistentVolumeClaim: { claimName } }],
          },
          settings.podSecurity,
        ),
      },
    },
  };
}

function jobName({ metadata }: Hoprd, round: string): string {
  const hash = createHash('sha256').update(`${metadata.uid}\0${round}`).digest();
  const suffix = [...hash.subarray(0, SUFFIX_LENGTH)].map((byte) => (byte % 36).toString(36)).join('');
  const head = `${metadata.name}-delete-db`.slice(0, NAME_LENGTH - SUFFIX_LENGTH - 1).replace(/-+$/, '');
  return `${head}-${suffix}`;
}
