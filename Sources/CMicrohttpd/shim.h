#include <string.h>
#include <sys/types.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <microhttpd.h>

/* MHD_start_daemon and MHD_get_connection_info are variadic, so Swift cannot import them. These functions call them. */

typedef void *(*earshot_uri_callback)(void *context, const char *uri, struct MHD_Connection *connection);

/* Leaves paths and queries escaped: Swift decodes them, and can still tell a percent-encoded NUL or slash from a plain
   one. */
static size_t earshot_leave_escaped(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

/* Starts an epoll loop on a thread of its own. It does not listen: connections are handed to it by MHD_add_connection.
   Time limits are enforced outside too, since libmicrohttpd's own timeout starts over with each byte. */
static inline struct MHD_Daemon *earshot_mhd_start(
    MHD_AccessHandlerCallback handler, earshot_uri_callback began, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback came_or_went, void *context, unsigned int connections, size_t memory) {
  unsigned int flags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handler, context,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, came_or_went, context,
      MHD_OPTION_URI_LOG_CALLBACK, began, context,
      MHD_OPTION_UNESCAPE_CALLBACK, earshot_leave_escaped, NULL,
      MHD_OPTION_CONNECTION_TIMEOUT, 0u,
      MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_END);
}

static inline int earshot_mhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline void *earshot_mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

/* Accepts a connection. Its socket is non-blocking and is not inherited by child processes. */
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
static inline int earshot_accept(int listener, struct sockaddr_storage *address) {
  socklen_t length = sizeof *address;
  return accept4(listener, (struct sockaddr *)address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Hands an accepted connection to a loop, which closes it even if it refuses it. */
static inline int earshot_mhd_add(struct MHD_Daemon *daemon, int socket, const struct sockaddr_storage *address) {
  return MHD_add_connection(daemon, socket, (const struct sockaddr *)address, sizeof *address) == MHD_YES;
}

/* Bytes that the peer has acknowledged so far; -1 if the system does not report it. The kernel's tcp_info has had
   tcpi_bytes_acked at this offset since Linux 4.1; glibc's own struct ends before it. */
static inline long long earshot_bytes_confirmed(int socket) {
  unsigned char info[256];
  socklen_t length = sizeof info;
  long long confirmed;
  const int tcp_info = 11, place = 120;
  if (getsockopt(socket, IPPROTO_TCP, tcp_info, info, &length) != 0) return -1;
  if (length < place + sizeof confirmed) return -1;
  memcpy(&confirmed, info + place, sizeof confirmed);
  return confirmed;
}
