/** The command line itself is wrong: said with a pointer to --help, exit code 2 as shells use it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
