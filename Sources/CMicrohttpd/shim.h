#include <string.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <microhttpd.h>

/* MHD_start_daemon is variadic, which Swift cannot import: this is its one call. */

typedef void *(*earshot_uri_callback)(void *context, const char *uri, struct MHD_Connection *connection);

/* Paths and queries are decoded in Swift, where a NUL or a slash that was percent-encoded is seen as what it is. */
static size_t earshot_leave_escaped(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

static inline struct MHD_Daemon *earshot_mhd_start(
    int listen_socket, int is_ipv6, MHD_AccessHandlerCallback handler, earshot_uri_callback began,
    MHD_RequestCompletedCallback completed, void *context, unsigned int threads, unsigned int timeout,
    unsigned int connections, size_t memory) {
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  if (is_ipv6) flags |= MHD_USE_IPv6;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handler, context,
      MHD_OPTION_LISTEN_SOCKET, listen_socket,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_URI_LOG_CALLBACK, began, context,
      MHD_OPTION_UNESCAPE_CALLBACK, earshot_leave_escaped, NULL,
      MHD_OPTION_THREAD_POOL_SIZE, threads,
      MHD_OPTION_CONNECTION_TIMEOUT, timeout,
      MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_END);
}
