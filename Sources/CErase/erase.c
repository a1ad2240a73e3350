// SPDX-License-Identifier: Apache-2.0
//
// A card passes through many buffers: reports, tracks, messages, TLS records. To erase each by hand
// is to forget one; so every block is erased when it is given back, whoever had it. These doors
// stand before the C library's own, for this program and for every library it uses.
#include "erase.h"

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern void __libc_free(void *block);
extern void *__libc_malloc(size_t size);

static bool was_used;

void free(void *block) {
  was_used = true;
  if (block != NULL) explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
}

// A block that grows may move: what it leaves behind is erased too.
void *realloc(void *block, size_t size) {
  if (block == NULL) return __libc_malloc(size);
  size_t room = malloc_usable_size(block);
  if (size != 0 && size <= room) return block;
  if (size == 0) {
    free(block);
    return NULL;
  }
  void *moved = __libc_malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, room);
  free(block);
  return moved;
}

bool posd_erases_memory(void) {
  void *volatile block = malloc(1);
  was_used = false;
  free(block);
  return was_used;
}
