import { join } from 'node:path';
import { testCases } from '../../../test/golden-cases.ts';
import { scheduledVolumeSnapshot } from './kind.ts';

testCases(scheduledVolumeSnapshot, join(import.meta.dirname, 'cases'));
