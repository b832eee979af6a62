/**
 * `npm run demo`: the main job on a bundled recording. The real yt-dlp fetches it from a stand-in for Loom on this
 * machine, and every stage runs on the embedded defaults. `npm run demo -- <loom link>` takes a real video instead.
 */
import { searchOnce, printAnswer } from '../../jobrunner/commands/search.ts';
import { processTarget } from '../../jobrunner/commands/process.ts';
import { printResult } from '../../jobrunner/commands/printResult.ts';
import { readConfig } from '../../jobrunner/config.ts';
import { SERVICE_NAMES } from '../../jobrunner/serviceChoice.ts';
import { adviceOf, exitCodeOfResult, type ProcessResult } from '../../jobrunner/result.ts';
import { recording } from '../sample/index.ts';
import { startLoom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';

const HELP = `Shows the main job: a recording goes through every stage on the embedded defaults.

  npm run demo                   a bundled recording of four and a half minutes, from a stand-in for Loom
  npm run demo -- <loom link>    a real video

What it stores is found afterwards by: npm run -s search -- "<words>"
`;

/** Of the bundled recording; answered by its sixth topic, in other words. */
const QUESTION = 'How do we undo a bad upgrade on Kubernetes?';
/** The bundled recording's link: the same each time, so that running the demo twice changes nothing. */
const SAMPLE_ID = '00000000000000000000000000decade';

const write = (text: string): void => void process.stdout.write(text);

process.exitCode = await main(process.argv.slice(2));

async function main([target, ...others]: readonly string[]): Promise<number> {
  if (target === '--help' || others.length > 0) {
    write(HELP);
    return target === '--help' ? 0 : 2;
  }
  return target === undefined ? demoSample() : demo(target, undefined, process.env);
}

async function demoSample(): Promise<number> {
  const loom = await startLoom();
  try {
    const video = loom.addVideo({ ...sampleVideo(), id: SAMPLE_ID });
    write(
      `A recording of ${Math.round(recording().durationSeconds)} s, from a stand-in for Loom on this machine.\n\n`,
    );
    return await demo(video.shareUrl, QUESTION, { ...process.env, ...loom.env });
  } finally {
    await loom.close();
  }
}

async function demo(target: string, question: string | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  // A sample has no business in the stores of somebody who has the services' variables set.
  const config = readConfig({ ...env, LOOMVIDEO_EMBEDDED: SERVICE_NAMES.join(',') });
  const result = await processTarget(target, { json: false, overrides: {} }, config);
  printResult(result, adviceOf(result), write);
  const words = question ?? aSentenceOf(result);
  if (result.outcome === 'Succeeded' && words !== undefined) {
    write(`\nSearch: ${words}\n\n`);
    const answer = await searchOnce(words, { limit: 1, json: false }, config);
    printAnswer(answer, write);
    write(
      `Ask it yourself: npm run -s search -- "${question === undefined ? '…' : 'somebody left the company'}"\n`,
    );
  }
  return exitCodeOfResult(result);
}

/** Something that is said in the middle of the video, to search for. */
function aSentenceOf({ transcript }: ProcessResult): string | undefined {
  const segments = transcript?.segments ?? [];
  return segments[Math.floor(segments.length / 2)]?.text;
}
