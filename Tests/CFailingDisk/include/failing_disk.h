// SPDX-License-Identifier: Apache-2.0
#pragma once
// A disk that fails at the n-th write, sync or cut of a file in one folder: see failing_disk.c.
#include <stdbool.h>

/// From now on calls for files below this folder are counted; the n-th fails with this error of
/// errno, and all behind it if it stays broken.
void failing_disk_arm(const char *folder, long n, bool stays, int error);
/// The disk is well again; returns how many calls were counted.
long failing_disk_disarm(void);
