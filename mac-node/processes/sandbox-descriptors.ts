// The descriptors over which a sandbox and the node speak; the sandbox closes both before its command starts.

/** Where it finds what its command may ask of the kernel (bwrap's `--seccomp`). */
export const FILTER_DESCRIPTOR = 3;
/** Where it says which process holds all of its own (`--info-fd`). */
export const INFO_DESCRIPTOR = 4;
