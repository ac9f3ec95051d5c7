/** Files in which an operator says how it runs nodes. */
import { readFileSync } from 'node:fs';
import { type HoprSettings, parseHoprSettings } from '../kinds/hopr-settings.ts';

export type KindSettingsOptions = { hoprConfig?: string };

/** Throws a FormatError that names the file, the line and the field. */
export function readKindSettings({ hoprConfig }: KindSettingsOptions): { hopr?: HoprSettings } {
  if (hoprConfig === undefined) return {};
  return { hopr: parseHoprSettings(readFileSync(hoprConfig, 'utf8'), hoprConfig) };
}
