// SPDX-License-Identifier: Apache-2.0
//
// The C library says how much is allocated and not how often. This door stands before its own, for
// the simulator alone, so that a figure of allocations is counted and not believed.
#include "count.h"

#include <stddef.h>

extern void *__libc_malloc(size_t size);

static unsigned long count;

void *malloc(size_t size) {
  __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
  return __libc_malloc(size);
}

unsigned long possim_allocations(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }
