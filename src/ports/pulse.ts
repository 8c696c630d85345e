/**
 * Whether this process still gets work done: a turning event loop does not prove that.
 *
 * Contract: `prove` resolves once a file was read through the I/O threads that all other work shares. It never rejects:
 * an error of a full or broken disk is an answer too. While those threads hang it does not resolve.
 */
export interface Pulse {
  prove(): Promise<void>;
}
