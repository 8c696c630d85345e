/** Shorter ones would mask half of what people write. */
const leastLength = 4;

/**
 * The secrets in a file of secrets: a key, a list of logins, a password. Rather too many than too few, but not the
 * words beside them: names of hosts, users and algorithms.
 */
export function secretsIn(text: string): readonly string[] {
  const logins = [...text.matchAll(/:\/\/([^\s/@]*)@/g)].flatMap(([, login = ""]) => {
    // A login without a password is a token.
    const secret = login.slice(login.indexOf(":") + 1);
    return [secret, decoded(secret)];
  });
  const quoted = [...text.matchAll(/secret\s+"([^"]+)"/g)].map(([, secret = ""]) => secret);
  const lines = text.split("\n").map((line) => line.trim());
  // A file of one line is its secret, in any form.
  const whole = lines.filter((line) => line !== "").length === 1 ? lines.filter((line) => !line.includes("://")) : [];
  const random = text.split(/[\s"';:@/]+/).filter((part) => /^[\w+=.~-]{16,}$/.test(part) && /\d/.test(part));
  const keyLines = lines.filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line));
  return [...new Set([...logins, ...quoted, ...whole, ...keyLines, ...random])].filter(
    (each) => each.length >= leastLength,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
