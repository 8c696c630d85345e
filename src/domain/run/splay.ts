/**
 * The offset of this instance within a window, for the schedule of this name, so that a fleet does not act at once.
 * Always the same for one instance and name, different for other names, and even over a fleet.
 * @param windowMs how wide the window is; 0: no splay
 * @returns whole milliseconds, from 0 to below `windowMs`
 */
export function offsetMs(instanceId: string, name: string, windowMs: number): number {
  return Math.floor((digest(`${name} ${instanceId}`) / 2 ** 32) * windowMs);
}

/** 32 bits of a text: FNV-1a, and MurmurHash3's last step, without which texts that differ at the end lie close. */
function digest(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
