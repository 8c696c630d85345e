/**
 * The variables that this program uses, and those that the units remove. docs/environment.md has the same list for
 * operators. All others are dropped when a command starts (src/main.ts), so that variables for other programs, from a
 * drop-in, systemd or root's shell, have no effect here.
 */

/** A name, or the beginning of names before `*`, and what it is for. */
export type Heeded = { readonly name: string; readonly use: string };

export const heeded: readonly Heeded[] = [
  { name: "AWS_REGION", use: "the region, where it is not the one that the metadata tells" },
  { name: "AWS_DEFAULT_REGION", use: "the same, where `AWS_REGION` is not set" },
  { name: "AWS_ENDPOINT_URL", use: "where all services of AWS are" },
  { name: "AWS_ENDPOINT_URL_*", use: "where one service is, as `AWS_ENDPOINT_URL_EC2`" },
  { name: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", use: "`true`: the two above do not count" },
  { name: "AWS_USE_DUALSTACK_ENDPOINT", use: "`true`: endpoints with IPv6" },
  { name: "AWS_USE_FIPS_ENDPOINT", use: "`true`: FIPS endpoints" },
  { name: "AWS_EC2_METADATA_SERVICE_ENDPOINT", use: "where the metadata is, instead of `http://169.254.169.254`" },
  {
    name: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    use: "`IPv6`: the metadata is at `http://[fd00:ec2::254]`, where the variable above is not set",
  },
  {
    name: "AWS_CA_BUNDLE",
    use: "a file (PEM) of the authorities that AWS's certificates are held against, instead of the machine's",
  },
  { name: "AWS_MAX_ATTEMPTS", use: "how often a call to AWS is attempted, from 1 to 20; 5 where it is not set" },
  { name: "AWS_*", use: "all others: only with `aws.credentials: chain`, as the SDK documents them" },
  { name: "https_proxy", use: "the HTTP proxy for https, where the settings name none; see [Proxies](#proxies)" },
  { name: "HTTPS_PROXY", use: "the same, where `https_proxy` is not set" },
  { name: "http_proxy", use: "the HTTP proxy for http; as for curl, `HTTP_PROXY` does not count" },
  { name: "all_proxy", use: "the HTTP proxy where none of those above is set" },
  { name: "ALL_PROXY", use: "the same, where `all_proxy` is not set" },
  { name: "no_proxy", use: "where no proxy is used" },
  { name: "NO_PROXY", use: "the same, where `no_proxy` is not set" },
  { name: "HOME", use: "where `~/.aws` is, with `aws.credentials: chain`" },
  { name: "PATH", use: "nothing of the agent: programs are called by their full path or with a fixed `PATH`" },
  { name: "TERM", use: "what the terminal can show" },
  { name: "NO_COLOR", use: "no colours" },
  { name: "FORCE_COLOR", use: "colours also where the output is no terminal" },
  { name: "CLICOLOR_FORCE", use: "the same" },
  { name: "LANG", use: "whether the terminal shows more than ASCII" },
  { name: "LC_*", use: "the same" },
  { name: "TZ", use: "the time zone" },
  { name: "SUDO_USER", use: "who paused the instance" },
  { name: "LOGNAME", use: "the same" },
  { name: "NOTIFY_SOCKET", use: "set by systemd: where it hears that the daemon is ready and alive" },
  { name: "WATCHDOG_PID", use: "set by systemd" },
  { name: "WATCHDOG_USEC", use: "set by systemd" },
  { name: "JOURNAL_STREAM", use: "set by systemd: whether the journal reads along" },
  { name: "BUN_JSC_useJIT", use: "set by the unit: the runtime's compilers" },
  { name: "BUN_JSC_numberOfGCMarkers", use: "set by the unit: the threads that mark the heap" },
  { name: "UV_THREADPOOL_SIZE", use: "the runtime's I/O threads" },
  { name: "MIMALLOC_PURGE_HOLES_MIN_INTERVAL", use: "set by the unit: the pace of the allocator" },
];

/** Whether a variable stays when a command starts. */
export function isHeeded(name: string): boolean {
  return heeded.some(({ name: own }) => (own.endsWith("*") ? name.startsWith(own.slice(0, -1)) : name === own));
}

/**
 * Variables of the runtime, the dynamic linker and the C library, which act before the program's first line: the units
 * remove them (`UnsetEnvironment=`).
 */
export const unset: readonly string[] = [
  ...[
    "BUN_OPTIONS",
    "BUN_BE_BUN",
    "BUN_INSPECT",
    "BUN_INSPECT_CONNECT_TO",
    "BUN_INSPECT_NOTIFY",
    "BUN_INSPECT_PRELOAD",
  ],
  ...["BUN_CONFIG_PRELOAD", "BUN_CONFIG_VERBOSE_FETCH", "BUN_RUNTIME_TRANSPILER_CACHE_PATH", "BUN_TMPDIR"],
  ...["BUN_CRASH_REPORT_URL", "BUN_ENABLE_CRASH_REPORTING"],
  ...[
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_ENV",
    "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
    "NODE_USE_ENV_PROXY",
  ],
  ...["NODE_DEBUG", "NODE_DEBUG_NATIVE", "NODE_REDIRECT_WARNINGS", "NODE_NO_WARNINGS", "NODE_PENDING_DEPRECATION"],
  ...["NODE_COMPILE_CACHE", "NODE_COMPILE_CACHE_PORTABLE", "NODE_DISABLE_COMPILE_CACHE", "NODE_PRESERVE_SYMLINKS_MAIN"],
  ...["NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED", "NODE_USE_SYSTEM_CA", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  "HTTP_PROXY",
  ...["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_BIND_NOW", "LD_DEBUG", "LD_DEBUG_OUTPUT", "LD_PROFILE"],
  ...["GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "MALLOC_TRACE"],
  ...["HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF", "TMPDIR"],
];
