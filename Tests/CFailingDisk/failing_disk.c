// SPDX-License-Identifier: Apache-2.0
//
// These doors stand before the C library's own, for the test's program and for every library it
// uses, so SQLite's calls fail as well as ours. A sync that fails has all its data in the kernel,
// where the next reader finds it: that is what makes a failed commit doubtful.
#define _GNU_SOURCE
#include "failing_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char watched[512];
static long left;
static long counted;
static bool stays_broken;
static int error_number;

void failing_disk_arm(const char *folder, long n, bool stays, int error) {
  left = n;
  counted = 0;
  stays_broken = stays;
  error_number = error;
  snprintf(watched, sizeof watched, "%s/", folder);
}

long failing_disk_disarm(void) {
  watched[0] = 0;
  return counted;
}

static bool fails(int descriptor) {
  if (watched[0] == 0) return false;
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  if (strncmp(path, watched, strlen(watched)) != 0) return false;
  counted += 1;
  left -= 1;
  if (left > 0 || (left < 0 && !stays_broken)) return false;
  errno = error_number;
  return true;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return fails(descriptor) ? -1 : syscall(SYS_write, descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return fails(descriptor) ? -1 : syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return fails(descriptor) ? -1 : syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
  return fails(descriptor) ? -1 : (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
  return fails(descriptor) ? -1 : (int)syscall(SYS_fdatasync, descriptor);
}

int ftruncate(int descriptor, off_t length) {
  return fails(descriptor) ? -1 : (int)syscall(SYS_ftruncate, descriptor, length);
}

int ftruncate64(int descriptor, off64_t length) {
  return fails(descriptor) ? -1 : (int)syscall(SYS_ftruncate, descriptor, length);
}
