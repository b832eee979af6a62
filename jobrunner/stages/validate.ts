import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeExit } from '../../common/childProcess.ts';
import type { Logger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { StageError } from '../contract/stageError.ts';
import { boxesAreWhole } from '../media/boxes.ts';
import { decode, type Decoded } from '../media/decode.ts';
import { MAX_PIXELS, type Ffmpeg } from '../media/ffmpeg.ts';
import { readHeader, type MediaHeader } from '../media/header.ts';
import { readSignature, type Signature } from '../media/signature.ts';
import type { DownloadLimits } from '../ports.ts';

/** A recording that was found whole. */
export interface ValidVideo {
  readonly sizeBytes: number;
  /** Of its sound and picture, as decoded. */
  readonly durationSeconds: number;
  readonly width?: number;
  readonly height?: number;
}

export interface ValidateOptions {
  readonly ffmpeg: Ffmpeg;
  readonly limits: DownloadLimits;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Encoders round a recording's end up to their frame: what is allowed above the longest duration. */
const ROUNDING_SECONDS = 0.5;
/** Less than this share or this many seconds missing from what the header claims is rounding, more is a loss. */
const LOSS_SHARE = 0.02;
const LOSS_SECONDS = 2;
/** Below this many bytes per claimed second there is no sound in any format: the header makes it up. */
const LEAST_BYTES_PER_SECOND = 60;
const LARGEST_SIDE = 16_384;

/**
 * Checks that a file is a whole recording with sound and within the limits: first bytes, header, then decoding.
 * Throws `InvalidFile`, `NoAudioTrack`, `VideoTooLong` or `VideoTooLarge`.
 */
export async function validateVideo(path: string, options: ValidateOptions): Promise<ValidVideo> {
  const { ffmpeg, limits, log, signal } = options;
  try {
    const { size } = await stat(path);
    if (size > limits.maxBytes) throw tooLarge(size, limits);
    const signature = await readSignature(path);
    if (signature.kind !== 'video') throw notAVideo(signature);
    log.info(`✅ Valid video file signature detected: ${basename(path)}`);
    if (signature.demuxer === 'mov' && !(await boxesAreWhole(path))) throw cutOff('its last part is missing');

    const header = await readHeader(ffmpeg, path, signature.demuxer, signal);
    checkHeader(header, size, limits);
    const { maxSeconds } = limits;
    const hasVideo = header.video !== undefined;
    const decoded = await decode(ffmpeg, path, signature.demuxer, { hasVideo, maxSeconds, signal });
    checkDecoded(decoded, header, limits);
    return { sizeBytes: size, durationSeconds: round(decoded.durationSeconds), ...header.video };
  } catch (error) {
    if (error instanceof StageError && error.reason !== 'Interrupted') {
      log.error({ reason: error.reason, detail: error.message }, '❌ Downloaded file failed validation');
    }
    throw error;
  }
}

function notAVideo(signature: Exclude<Signature, { kind: 'video' }>): StageError {
  const what = {
    empty: 'The downloaded file is empty.',
    webpage: 'A web page came instead of a video, such as a sign-in page: the video may need one to sign in.',
    unknown: 'The downloaded file is no video: its first bytes belong to no known format.',
  };
  return new StageError('InvalidFile', what[signature.kind]);
}

function checkHeader(
  header: MediaHeader | undefined,
  size: number,
  limits: DownloadLimits,
): asserts header is MediaHeader {
  if (!header)
    throw new StageError(
      'InvalidFile',
      'The file cannot be read as a video: its header is damaged or cut off.',
    );
  const { video, durationSeconds = 0 } = header;
  if (video) checkPicture(video.width, video.height);
  if (durationSeconds > 0 && size / durationSeconds < LEAST_BYTES_PER_SECOND) {
    throw new StageError(
      'InvalidFile',
      `The header claims ${seconds(durationSeconds)} for ${size} bytes, which cannot be.`,
    );
  }
  if (durationSeconds > limits.maxSeconds + ROUNDING_SECONDS) throw tooLong(seconds(durationSeconds), limits);
  if (!header.hasAudio) throw new StageError('NoAudioTrack', 'The video has no audio track.');
}

function checkPicture(width: number, height: number): void {
  const absurd = width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE;
  if (absurd || width * height > MAX_PIXELS) {
    throw new StageError(
      'InvalidFile',
      `The header claims a picture of ${width}×${height}, which is no recording's.`,
    );
  }
}

function checkDecoded(decoded: Decoded, header: MediaHeader, limits: DownloadLimits): void {
  const { exit, durationSeconds } = decoded;
  if (durationSeconds > limits.maxSeconds + ROUNDING_SECONDS) {
    throw tooLong(`more than ${seconds(limits.maxSeconds)}`, limits);
  }
  if (exit.code !== 0) {
    throw new StageError(
      'InvalidFile',
      `The video cannot be decoded: ffmpeg ${oneLine(describeExit(exit), 300)}`,
    );
  }
  if (decoded.audioSeconds === 0) throw new StageError('InvalidFile', 'The audio track cannot be decoded.');
  const claimed = header.durationSeconds ?? 0;
  if (claimed - durationSeconds > Math.max(LOSS_SECONDS, claimed * LOSS_SHARE)) {
    throw cutOff(`${seconds(durationSeconds)} of ${seconds(claimed)} can be played`);
  }
}

function tooLong(duration: string, limits: DownloadLimits): StageError {
  return new StageError(
    'VideoTooLong',
    `The video lasts ${duration}; at most ${seconds(limits.maxSeconds)} are allowed.`,
  );
}

function tooLarge(size: number, limits: DownloadLimits): StageError {
  return new StageError(
    'VideoTooLarge',
    `The video has ${size} bytes; at most ${limits.maxBytes} are allowed.`,
  );
}

function cutOff(how: string): StageError {
  return new StageError('InvalidFile', `The video is cut off: ${how}.`);
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
const seconds = (value: number): string => `${Math.round(value * 10) / 10} s`;
