import { join } from 'node:path';
import { testCases } from '../../../test/golden-cases.ts';
import { statefulJob } from './kind.ts';

testCases(statefulJob, join(import.meta.dirname, 'cases'));
