// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the Glibc module leaves out.
#include <malloc.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/timerfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// prctl(2) is variadic.
static inline int posd_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0); }
