// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <curl/curl.h>

// Swift cannot call variadic functions: one typed door for each kind of argument.

static inline CURLcode posd_easy_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode posd_easy_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode posd_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLSHcode posd_share_set_long(CURLSH *share, CURLSHoption option, long value) {
  return curl_share_setopt(share, option, value);
}

typedef size_t (*posd_write_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode posd_easy_set_writer(CURL *easy, posd_write_function writer, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, writer);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline CURLcode posd_easy_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode posd_easy_get_time(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode posd_easy_get_socket(CURL *easy, curl_socket_t *socket) {
  return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, socket);
}

typedef int (*posd_socket_function)(
    CURL *easy, curl_socket_t socket, int what, void *context, void *per_socket);
typedef int (*posd_timer_function)(CURLM *multi, long milliseconds, void *context);

static inline CURLMcode posd_multi_set_callbacks(
    CURLM *multi, posd_socket_function on_socket, posd_timer_function on_timer, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  if (code == CURLM_OK) code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  if (code == CURLM_OK) code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  if (code == CURLM_OK) code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
  return code;
}

static inline CURLcode posd_message_result(const CURLMsg *message) {
  return message->data.result;
}

static inline CURLcode posd_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// The value of a header of the last answer, or NULL; valid until the next call for this transfer.
static inline const char *posd_easy_header(CURL *easy, const char *name) {
  struct curl_header *found = NULL;
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return NULL;
  return found->value;
}
