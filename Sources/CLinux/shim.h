// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the Glibc module leaves out.
#include <pty.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/un.h>
