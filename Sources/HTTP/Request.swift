import Foundation
import Synchronization

/// The methods that a route can answer. `HEAD` is answered by what answers `GET`.
public enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case post = "POST"
  /// Any that no route answers.
  case other = "OTHER"
}

/// One request, complete with its body and decoded: what a handler needs, nothing of the wire.
public struct Request: Sendable {
  public var method: Method
  /// `HEAD` was asked: headers as for `GET`, no body.
  public var isHead: Bool
  /// The path's parts, percent-decoded. `/t/a%20b` is `["t", "a b"]`, `/` is `[]`. No part is empty, `.` or `..`, or
  /// holds a slash, a backslash or a control character: such requests are refused before any handler sees them.
  public var path: [String]
  /// From the address that the browser asked for to the root of what is served, relatively: `../` for `/t/abc`, nothing
  /// for `/lab`. It leads there also where a web server in front has put that root below a path of its own.
  public var wayToRoot = ""
  /// The query's first value a name, percent-decoded.
  public var query: [String: String]
  /// What the route's `:name` parts matched.
  public var parameters: [String: String] = [:]
  public var body: Data
  /// Whose request it is, as far as it can be told: one that a trusted proxy hands on is of the address that it names. A
  /// household's IPv6 addresses are one.
  public var peer: Address?
  /// The browser speaks HTTPS, as a trusted proxy says that hands the request on.
  public var isSecure = false
  /// Tells it from all others in the log, and tells nothing else.
  public var id = Request.freshID()
  var headers: [(name: String, value: String)]

  /// The first header of that name, in any case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name.lowercased() }?.value
  }

  /// A `:name` part of the route. A route that does not have it is a mistake in the table of routes.
  public func parameter(_ name: String) -> String {
    guard let value = parameters[name] else { preconditionFailure("the route has no part ':\(name)'") }
    return value
  }

  /// The values of a cookie: a browser may hold several under one name, for several paths.
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

  /// Of this start of the program, and counted on: it comes from nothing that a client sent.
  static func freshID() -> String { "\(start)-\(count.add(1, ordering: .relaxed).newValue)" }
}
