import Foundation
import Synchronization

/// The methods that a route can answer. A route for `GET` also answers `HEAD`.
public enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case post = "POST"
  /// Any that no route answers.
  case other = "OTHER"
}

/// One request, complete with its body and decoded: what a handler needs, without details of the connection.
public struct Request: Sendable {
  /// For `HEAD`, it is `get`, and `isHead` is true.
  public var method: Method
  /// The method is `HEAD`: headers as for `GET`, no body.
  public var isHead: Bool
  /// The path's parts, percent-decoded. `/t/a%20b` is `["t", "a b"]`, `/` is `[]`. No part is empty, `.` or `..`, or
  /// contains a slash, a backslash or a control character: such requests are refused before any handler sees them.
  public var path: [String]
  /// The relative path from the requested address to the root: `../` for `/t/abc`, nothing for `/lab`. It is also right if a
  /// web server in front serves the root below another path.
  public var wayToRoot = ""
  /// The query's first value of each name, percent-decoded.
  public var query: [String: String]
  /// What the route's `:name` parts matched.
  public var parameters: [String: String] = [:]
  /// As it was sent, complete; empty if there was none. It is no larger than `Server.Limits.body`.
  public var body: Data
  /// The address that the request comes from. If a trusted proxy forwards it, this is the address that the proxy names. A
  /// household's IPv6 addresses count as one.
  public var peer: Address?
  /// The browser uses HTTPS, according to the trusted proxy that forwards the request.
  public var isSecure = false
  /// Identifies the request in the log, and says nothing else about it.
  public var id = Request.freshID()
  var headers: [(name: String, value: String)]

  /// The first header of that name, whatever its case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The value of a `:name` part of the route. If the route has no such part, the table of routes is wrong.
  public func parameter(_ name: String) -> String {
    guard let value = parameters[name] else { preconditionFailure("the route has no part ':\(name)'") }
    return value
  }

  /// The values of a cookie: a browser may have several of one name, for different paths.
  public func cookies(_ name: String) -> [String] {
    (header("cookie") ?? "").split(separator: ";").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      return parts.count == 2 && parts[0] == name ? parts[1] : nil
    }
  }
}

extension Request {
  private static let start = String(UInt32.random(in: .min ... .max), radix: 36)
  private static let count = Atomic<Int>(0)

  /// A number of this program start plus a counter; nothing that a client sent is part of it.
  static func freshID() -> String { "\(start)-\(count.add(1, ordering: .relaxed).newValue)" }
}
