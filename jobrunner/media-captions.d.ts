// The package's own declarations import without file extensions, which Node's resolution refuses; this is the part we use.
declare module 'media-captions' {
  interface ParsedCue {
    /** Seconds. */
    readonly startTime: number;
    readonly endTime: number;
    /** With WebVTT's tags and entities. */
    readonly text: string;
  }
  export function parseText(
    text: string,
    options: { type: 'vtt' },
  ): Promise<{ readonly cues: readonly ParsedCue[] }>;
}
