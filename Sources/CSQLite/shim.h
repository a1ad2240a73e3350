// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqlite3.h>

// sqlite3_db_config is variadic. Closing then neither empties nor removes the log.
static inline int posd_sqlite_keep_log(sqlite3 *connection) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
