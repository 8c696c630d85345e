/**
 * Whether this process still gets work done: an event loop that turns proves nothing of that.
 *
 * Contract: `prove` resolves once a file was read through the I/O threads that all other work shares; it
 * never rejects, because what a full or broken disk says is an answer; while those threads hang it does not resolve.
 */
export interface Pulse {
  prove(): Promise<void>;
}
