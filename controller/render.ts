/** The entry of Render mode: `node controller/render.ts` serves the API and works on the videos, in one process. */
import { createLogger } from '../common/log.ts';
import { redactor } from '../common/redact.ts';
import { onShutdown } from '../common/shutdown.ts';
import { EXIT, exitCodeOf } from '../jobrunner/contract/exitCodes.ts';
import { StageError } from '../jobrunner/contract/stageError.ts';
import { answerCommandLine, wordsOf } from './commandLine.ts';
import { readRenderConfig, renderSecretsOf } from './render/config.ts';
import { runServer } from './render/runtime/runServer.ts';
import { useNetwork } from '../jobrunner/useNetwork.ts';

const HELP = `LoomVideo server

  render.ts    serves the LoomVideo API and works on the videos one by one, until it is stopped

Environment:

  PORT                  (10000)
  HOST                  (127.0.0.1; in production, with a token, 0.0.0.0)
  LOOMVIDEO_API_TOKEN   whoever calls has to send it as "Authorization: Bearer <token>"; in production nothing beyond
                        this machine is listened to without
  LOOMVIDEO_MANIFESTS_DIR
                        a folder of LoomVideo manifests (YAML or JSON) to apply now and on every change; what it applied
                        once is deleted when its manifest is gone
  LOOMVIDEO_DATA_DIR    where all that lasts lies (data)
  LOOMVIDEO_WORK_DIR    working folders (in the system's temporary folder)
  MAX_MEMORY_MB         of the whole process tree (400)
  LOG_LEVEL, LOG_FORMAT info; json or plain
  OPENAI_API_KEY, PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL, SUPABASE_ANON_KEY
                        to store in those services; all of them or none in production

Exit codes: 0 stopped as asked, 1 failed, 2 wrong command line, 40 configuration.
`;

/** Render gives 30 seconds unless told, then it kills. Milliseconds. */
const STOP_WITHIN_MS = 25_000;

// With these the Pinecone client prints every request, and the key with it, on stdout.
delete process.env['PINECONE_DEBUG'];
delete process.env['PINECONE_DEBUG_CURL'];

process.exitCode = await main(process.argv.slice(2), process.env);

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const redact = redactor(renderSecretsOf(env));
  const answered = answerCommandLine(args, HELP);
  if (answered !== undefined) return answered;
  try {
    const config = readRenderConfig(env);
    useNetwork(env);
    const { logLevel, logFormat = 'json' } = config.pipeline;
    using shutdown = onShutdown();
    shutdown.signal.addEventListener('abort', () => {
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    });
    await runServer(config, createLogger({ level: logLevel, format: logFormat, redact }), shutdown.signal);
    return EXIT.done;
  } catch (error) {
    process.stderr.write(redact(`${wordsOf(error)}\n`));
    const isSettings = error instanceof StageError && exitCodeOf(error.reason) === EXIT.configuration;
    return isSettings ? EXIT.configuration : 1;
  }
}
