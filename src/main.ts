/** The `nodewright` command, by whatever name it is called. */
import { invocationOf } from './cli/invocation.ts';
import { runProgram } from './cli/program.ts';

const { programName, args } = invocationOf(process.argv);
process.exitCode = await runProgram(args, programName);
