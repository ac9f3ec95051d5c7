/** How an operator runs nodes, as its options and the files that they name say it. */
import { readFileSync } from 'node:fs';
import { type HoprSettings, parseHoprSettings } from '../kinds/hopr-settings.ts';
import type { PodSecurity } from '../reconcile/pod-security.ts';

export type KindSettingsOptions = { hoprConfig?: string; podSecurity?: PodSecurity };

/** Throws a FormatError that names the file, the line and the field. */
export function readKindSettings(options: KindSettingsOptions): { hopr?: HoprSettings; podSecurity?: PodSecurity } {
  const { hoprConfig, podSecurity } = options;
  return {
    ...(hoprConfig === undefined ? {} : { hopr: parseHoprSettings(readFileSync(hoprConfig, 'utf8'), hoprConfig) }),
    ...(podSecurity === undefined ? {} : { podSecurity }),
  };
}
