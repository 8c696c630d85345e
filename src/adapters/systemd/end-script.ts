/**
 * What systemd runs when a unit ends: `sh SCRIPT MARK stopping` as `ExecStop=`, `sh SCRIPT MARK` as `ExecStopPost=`.
 *
 * The units have `KillMode=process`: what a command left in the background is no longer systemd's to end, and lives on.
 * After any other end than an exit of the command's own, this script ends all processes of the unit. `$MAINPID` is only
 * there while the command runs, so in `ExecStop=` it tells a stop or a time-out from an exit: systemd.exec(5),
 * `$SERVICE_RESULT`, `$EXIT_CODE`, `$EXIT_STATUS`, `$MAINPID`.
 *
 * Then it makes the mark, an empty file `NAME@RESULT.CODE.STATUS` (exit-marks.ts), or, as `sh SCRIPT MARK telling WORD`,
 * prints WORD and the same (outside.ts). An upgrade of muster replaces the script under units that run: the mark stays
 * its first argument.
 * @param graceSeconds from SIGTERM to SIGKILL
 */
export function endScript(graceSeconds: number): string {
  return `unit="/\${1##*/}.service"

# Sends a signal to every process of the unit but this one; succeeds when there was any. A list is longer than the
# processes that made it live: who is gone is not counted.
signal() {
  any=1
  for file in $(grep -slF "$unit" /proc/[0-9]*/cgroup); do
    pid=\${file#/proc/}
    pid=\${pid%/cgroup}
    if [ "$pid" != $$ ] && kill -s "$1" "$pid" 2>/dev/null; then any=0; fi
  done
  return $any
}

# @param a signal, and how many tenths of a second it is given
until_gone() {
  signal "$1" || return 0
  left=$2
  while [ "$left" -gt 0 ]; do
    sleep 0.1
    left=$((left - 1))
    # SIGKILL again, for what was forked meanwhile; SIGTERM once, as systemd does it.
    if [ "$1" = KILL ]; then signal KILL || return 0; else signal 0 || return 0; fi
  done
  return 1
}

end_all() {
  until_gone TERM ${graceSeconds * 10} || until_gone KILL 50
}

if [ "$2" = stopping ]; then
  [ -z "$MAINPID" ] || end_all
  exit 0
fi
case "$SERVICE_RESULT.$EXIT_CODE" in
  success.exited | exit-code.exited) ;;
  *) end_all ;;
esac
if [ "$2" = telling ]; then
  echo "$3 $SERVICE_RESULT.$EXIT_CODE.$EXIT_STATUS"
else
  : > "$1@$SERVICE_RESULT.$EXIT_CODE.$EXIT_STATUS"
fi
`;
}
