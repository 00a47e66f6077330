// The system calls that a sandboxed command may not make, and why: ways to other processes, to the kernel's insides, out of
// the namespaces, and around what the mounts and the limits promise. seccomp-filter.ts makes the kernel's program of it.
// Numbers: arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl of Linux 6.17; the second is of arm64.

export type Numbers = readonly [x64: number | null, arm64: number | null];

/** The last call that was known when this was written: later ones do not exist for a command. */
export const LAST_KNOWN = 469;

/** Refused whatever their arguments: EPERM, as without the right to do it. */
export const REFUSED: Record<string, Numbers> = {
  // Other processes, and their memory.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // Keys of the session the server was started in: they belong to no namespace.
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  // Programs in the kernel, and what exploits of it are built with.
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  // Mounts and roots: the covers over what is hidden.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  statmount: [457, 457],
  listmount: [458, 458],
  setns: [308, 268],
  // Files by number, past every path.
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  lookup_dcookie: [212, 18],
  fanotify_init: [300, 262],
  fanotify_mark: [301, 263],
  // The machine itself.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  create_module: [174, null],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  get_kernel_syms: [177, null],
  query_module: [178, null],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  syslog: [103, 116],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
  uselib: [134, null],
  nfsservctl: [180, 42],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
};

/** As if the kernel were older: programs then do without. What they point at cannot be looked into by a filter. */
export const MISSING: Record<string, Numbers> = {
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  clone3: [435, 435],
  openat2: [437, 437],
};

/** CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID, -NET: in namespaces of its own a process has every capability. */
const NEW_NAMESPACES = 0x7e020000;
/** CLONE_NEWTIME is a signal's number to `clone`. */
const NEW_TIME = 0x80;
/** S_ISUID and S_ISGID: a file that runs as its owner, outside of the sandbox, where its mounts do not forbid it. */
const SET_ID = 0o6000;
/** O_CREAT and __O_TMPFILE: only then the mode counts. */
const CREATES = 0o100 | 0o20000000;

export type Condition =
  /** Refused when one of the bits is set in argument `argument` (from 0), if one of `when`'s is set in another. */
  | { argument: number; bits: number; when?: { argument: number; bits: number } }
  /** Refused when the argument, as 32 bits, is (or is not) one of these; `error` instead of EPERM. */
  | { argument: number; among: number[] }
  | { argument: number; other: number[]; error?: number };

const EAFNOSUPPORT = 97;
/** UNIX, INET, INET6, NETLINK. AF_VSOCK is no part of a network namespace: it would reach the host of a virtual machine. */
const FAMILIES: Condition = { argument: 0, other: [1, 2, 10, 16], error: EAFNOSUPPORT };

export const CONDITIONAL: Record<string, { numbers: Numbers; condition: Condition }> = {
  clone: { numbers: [56, 220], condition: { argument: 0, bits: NEW_NAMESPACES } },
  unshare: { numbers: [272, 97], condition: { argument: 0, bits: NEW_NAMESPACES | NEW_TIME } },
  chmod: { numbers: [90, null], condition: { argument: 1, bits: SET_ID } },
  fchmod: { numbers: [91, 52], condition: { argument: 1, bits: SET_ID } },
  fchmodat: { numbers: [268, 53], condition: { argument: 2, bits: SET_ID } },
  fchmodat2: { numbers: [452, 452], condition: { argument: 2, bits: SET_ID } },
  mkdir: { numbers: [83, null], condition: { argument: 1, bits: SET_ID } },
  mkdirat: { numbers: [258, 34], condition: { argument: 2, bits: SET_ID } },
  mknod: { numbers: [133, null], condition: { argument: 1, bits: SET_ID } },
  mknodat: { numbers: [259, 33], condition: { argument: 2, bits: SET_ID } },
  creat: { numbers: [85, null], condition: { argument: 1, bits: SET_ID } },
  open: {
    numbers: [2, null],
    condition: { argument: 2, bits: SET_ID, when: { argument: 1, bits: CREATES } },
  },
  openat: {
    numbers: [257, 56],
    condition: { argument: 3, bits: SET_ID, when: { argument: 2, bits: CREATES } },
  },
  socket: { numbers: [41, 198], condition: FAMILIES },
  socketpair: { numbers: [53, 199], condition: FAMILIES },
  // TIOCSTI and TIOCLINUX: typing into the terminal of somebody else.
  ioctl: { numbers: [16, 29], condition: { argument: 1, among: [0x5412, 0x541c] } },
  // Linux, 32 bit addresses, with and without UNAME26; asking. Nothing that switches address randomisation off.
  personality: {
    numbers: [135, 92],
    condition: { argument: 0, other: [0, 8, 0x20000, 0x20008, 0xffffffff] },
  },
};
