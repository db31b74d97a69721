import Foundation

/// The server cannot listen at the requested address.
public struct ListenError: Error, Sendable, CustomStringConvertible {
  /// Why it cannot.
  public enum Reason: Sendable, Equatable {
    case portTaken
    case notAllowed
    case unknownHost
    case other(String)
  }

  /// The address or name that was asked for.
  public var host: String
  /// The port that was asked for; 0 is any free one.
  public var port: Int
  /// `portTaken` and `notAllowed` are about the port, `unknownHost` is about the host.
  public var reason: Reason

  public var description: String {
    switch reason {
    case .portTaken: "Port \(port) of \(host) is used by another program. Give another one with --port."
    case .notAllowed:
      "Port \(port) of \(host) is not allowed. Ports below 1024 are reserved for the system; give a larger one."
    case .unknownHost: "This machine does not have the address '\(host)'. Give one that it has, such as 127.0.0.1."
    case .other(let text): "Cannot listen on port \(port) of \(host): \(text)."
    }
  }
}

/// A listening socket. The caller closes it.
struct Listener {
  let descriptor: CInt
  let port: Int
  let isIPv6: Bool

  init(host: String, port: Int) throws {
    func failure(_ reason: ListenError.Reason) -> ListenError { ListenError(host: host, port: port, reason: reason) }
    guard (0...65535).contains(port) else { throw failure(.other("ports are numbers from 0 to 65535")) }
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else { throw failure(.unknownHost) }
    defer { freeaddrinfo(list) }
    let family = first.pointee.ai_family
    let descriptor = socket(family, CInt(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw failure(.other(String(cString: strerror(errno)))) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var yes: CInt = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(descriptor, 511) == 0 else {
      let code = errno
      close(descriptor)
      switch code {
      case EADDRINUSE: throw failure(.portTaken)
      case EACCES: throw failure(.notAllowed)
      case EADDRNOTAVAIL: throw failure(.unknownHost)
      default: throw failure(.other(String(cString: strerror(code))))
      }
    }
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard bound == 0 else {
      close(descriptor)
      throw failure(.other(String(cString: strerror(errno))))
    }
    // Port numbers stand at the same place, in network order, in IPv4 and IPv6 addresses.
    self.port = withUnsafeBytes(of: &address) { Int($0[2]) << 8 | Int($0[3]) }
    self.descriptor = descriptor
    isIPv6 = family == AF_INET6
  }
}
