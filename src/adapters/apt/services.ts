/** The services out of `needrestart -b`: `NEEDRESTART-SVC: nginx.service` (README.batch.md of needrestart). */
export function parseServices(output: string): readonly string[] {
  const names = [...output.matchAll(/^NEEDRESTART-SVC: *(\S+)$/gm)].map(([, name = ""]) => name);
  return [...new Set(names.filter((name) => name.endsWith(".service")))];
}
