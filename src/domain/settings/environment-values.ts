import { MusterError } from "../errors/errors.ts";
import { printable } from "../role/names.ts";

type Environment = Readonly<Record<string, string | undefined>>;

type Rule = {
  readonly of: RegExp;
  readonly expected: string;
  readonly valid: (value: string) => boolean;
};

const rules: readonly Rule[] = [
  {
    of: /^AWS_(DEFAULT_)?REGION$/,
    expected: "a region such as eu-west-1",
    valid: (value) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value),
  },
  {
    of: /^AWS_(ENDPOINT_URL(_\w+)?|EC2_METADATA_SERVICE_ENDPOINT)$/,
    expected: "an http:// or https:// URL",
    valid: isUrl,
  },
  {
    of: /^AWS_(IGNORE_CONFIGURED_ENDPOINT_URLS|USE_(DUALSTACK|FIPS)_ENDPOINT)$/,
    expected: "true or false",
    valid: (value) => value === "true" || value === "false",
  },
  {
    of: /^AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE$/,
    expected: "IPv4 or IPv6",
    valid: (value) => /^ipv[46]$/i.test(value),
  },
  {
    of: /^AWS_MAX_ATTEMPTS$/,
    expected: "a number from 1 to 20",
    valid: (value) => /^([1-9]|1\d|20)$/.test(value),
  },
  {
    of: /^AWS_CA_BUNDLE$/,
    expected: "an absolute path",
    valid: (value) => value.startsWith("/"),
  },
];

/** The value of a variable; an empty one counts as absent, as for the SDK. */
export function said(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

/**
 * Checks the variables that name AWS endpoints and regions: a wrong one would send calls to another region or endpoint,
 * or fail in words that do not name the variable.
 * @throws MusterError `environment-malformed`
 */
export function refuseMalformed(env: Environment): void {
  for (const name of Object.keys(env).toSorted()) {
    const value = said(env, name);
    const rule = rules.find(({ of }) => of.test(name));
    if (value === undefined || rule === undefined || rule.valid(value)) continue;
    throw new MusterError({
      code: "environment-malformed",
      message: `The variable ${name} has the value ${JSON.stringify(printable(value, 200))}, which is not ${rule.expected}`,
      hint: `Correct or remove it: systemctl cat muster shows the drop-in that sets it, env the shell's own.`,
    });
  }
}

/** The zone that the runtime uses for a name that it does not know. */
const utc = /^(?:Etc\/|posix\/)?(?:UTC|UCT|GMT|Universal|Zulu|Greenwich)[+-]?0?$/i;

/**
 * Why schedules run in UTC although `TZ` names another zone: the runtime ignores a zone that it does not know.
 * @param effective the zone that the runtime uses, as Intl says
 * @returns undefined if the zone counts, or none is set
 */
export function timeZoneProblem(env: Environment, effective: string | undefined): string | undefined {
  const value = said(env, "TZ");
  const name = value?.replace(/^:/, "") ?? "";
  // A path is another way to name the zone of /etc/localtime.
  if (value === undefined || name.startsWith("/") || utc.test(name)) return undefined;
  if (effective !== undefined && effective !== "Etc/Unknown" && !utc.test(effective)) return undefined;
  const found = `The variable TZ has the value ${JSON.stringify(printable(value))}, which is no time zone of this machine`;
  return `${found} such as Europe/Berlin: schedules run in UTC`;
}

/** The URL parser drops blanks at both ends, so they are checked first. */
function isUrl(value: string): boolean {
  if (/[\s\p{C}]/u.test(value) || !URL.canParse(value)) return false;
  return /^https?:\/\//.test(value) && new URL(value).hostname !== "";
}
