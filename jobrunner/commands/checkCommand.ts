import { parseArgs } from 'node:util';
import { createLogger } from '../../common/log.ts';
import { redactor } from '../../common/redact.ts';
import { onShutdown } from '../../common/shutdown.ts';
import { composeInference } from '../compose.ts';
import { composeStores, type Stores } from '../composeStores.ts';
import { readConfig, type Config } from '../config.ts';
import { EXIT } from '../contract/exitCodes.ts';
import { findings, type Check, type Finding } from '../doctor/finding.ts';
import { printFindings } from './printFindings.ts';

/** A command that looks at things and changes nothing: makes its checks, runs them in order, shows what they find. */
export async function checkCommand(
  { args, env, help }: { args: readonly string[]; env: NodeJS.ProcessEnv; help: string },
  checksOf: (config: Config, stores: Stores) => readonly Check[],
): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(help);
    return EXIT.done;
  }
  const config = readConfig(env);
  const redact = redactor(config.secrets);
  using shutdown = onShutdown();
  const log = createLogger({ level: 'silent', format: 'json' });
  const stores = composeStores(config, composeInference(config), log);
  const found: Finding[] = [];
  try {
    for (const check of checksOf(config, stores)) found.push(...(await findings(check, shutdown.signal)));
  } finally {
    await stores.close();
  }
  const write = (text: string): void => void process.stdout.write(redact(text));
  return printFindings(found, { json: values.json, write });
}
