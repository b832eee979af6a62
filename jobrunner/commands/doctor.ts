import { join } from 'node:path';
import { systemClock } from '../../common/clock.ts';
import { foldersCheck, memoryCheck } from '../doctor/machine.ts';
import { servicesCheck } from '../doctor/services.ts';
import { ffmpegCheck, modelsCheck, ytDlpCheck } from '../doctor/tools.ts';
import { checkCommand } from './checkCommand.ts';

export const DOCTOR_HELP = `Looks at everything a video needs, and says what to do about what is missing: tools, models, memory, folders, and
the services (keys, index and dimension, tables) or their embedded defaults. Embeds one word; stores nothing.

  npm run -s doctor -- [options]

  --json     one JSON object on stdout: ok, findings [{ level: ok | warn | fail, what, remedy }]
  --help

Exit codes: 0 nothing is wrong (warnings may stand), 40 something is.
`;

const ROOT = join(import.meta.dirname, '..', '..');

/** Runs the command; returns the exit code. */
export function doctorCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const places = { env, root: ROOT };
  return checkCommand({ args, env, help: DOCTOR_HELP }, (config, stores) => [
    ytDlpCheck(places, systemClock),
    ffmpegCheck(places),
    modelsCheck(places),
    memoryCheck(config),
    foldersCheck(config),
    servicesCheck(config, stores),
  ]);
}
