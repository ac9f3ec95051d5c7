import { join } from 'node:path';
import { testCases } from '../../../test/golden-cases.ts';
import { cosmosFullNode } from './kind.ts';

testCases(cosmosFullNode, join(import.meta.dirname, 'cases'));
