// Preloaded into a process (LD_PRELOAD): a disk that syncs slowly, or not at all.
//   SYNC_DELAY_US   each fsync and fdatasync takes so much longer
//   SYNC_FAIL_FILE  while this file exists each fails with EIO and syncs nothing
//   SYNC_LOG        each adds a line to this file: "main" or "other" thread, and what was synced
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(int fd) {
  const char *log = getenv("SYNC_LOG");
  char link[64], path[4096], line[4200];
  if (!log) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length > 0 ? length : 0] = 0;
  int bytes = snprintf(line, sizeof line, "%s %s\n", syscall(SYS_gettid) == getpid() ? "main" : "other", path);
  int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out >= 0 && write(out, line, bytes) == bytes) close(out);
}

static int slowly(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *delay = getenv("SYNC_DELAY_US"), *fail = getenv("SYNC_FAIL_FILE");
  note(fd);
  if (delay) usleep((useconds_t)atol(delay));
  if (fail && access(fail, F_OK) == 0) { errno = EIO; return -1; }
  return real(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
