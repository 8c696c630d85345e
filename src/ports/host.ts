/** Facts of the running machine that need no cloud. */
export interface Host {
  /** `/proc/sys/kernel/random/boot_id`: another one after every boot. */
  bootId(): Promise<string>;
}
