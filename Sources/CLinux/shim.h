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
#include <sys/wait.h>
#include <sys/timerfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// prctl(2) is variadic.
static inline int posd_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0); }

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

// Starts a program that dies with the one that started it; Swift has no fork. `kept` is a descriptor
// that the program inherits, or -1.
static inline pid_t posd_start(
    const char *path, char *const arguments[], char *const environment[], int kept) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child != 0) return child;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before it was asked for.
  if (getppid() != parent) _exit(127);
  if (kept >= 0) fcntl(kept, F_SETFD, 0);
  execve(path, arguments, environment);
  _exit(127);
}

// The parts of a status of waitpid(2), which are macros.
static inline int posd_exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
