/** What yt-dlp and its ffmpeg need of our environment: where programs and certificates are, and the way out. */
const PASSED_ON = [
  'PATH',
  'LANG',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/**
 * The environment of a download's child: only the variables it needs, so that no credential is among them. Its
 * home is its own folder: no `.netrc`, configuration or plug-in of the user's takes part.
 */
export function childEnvironment(env: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  const kept = PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), HOME: home, PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
}
