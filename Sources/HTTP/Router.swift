/// One line of a table of routes: a method, a pattern and what answers.
///
/// A pattern's parts match themselves, `:name` matches any single part, and `*name` at the end matches everything that is
/// left.
public struct Route: Sendable {
  let method: Method
  let pattern: String
  let parts: [Part]
  let handler: Handler

  enum Part: Sendable {
    case literal(String)
    case any(String)
    case rest(String)
  }

  init(_ method: Method, _ pattern: String, _ handler: @escaping Handler) {
    self.method = method
    self.pattern = pattern
    self.handler = handler
    parts = pattern.split(separator: "/").map { part in
      switch part.first {
      case ":": .any(String(part.dropFirst()))
      case "*": .rest(String(part.dropFirst()))
      default: .literal(String(part))
      }
    }
  }

  /// A route for GET. In the pattern, `:name` matches one part of the path, and `*name` everything that is left.
  public static func get(_ pattern: String, _ handler: @escaping Handler) -> Route { Route(.get, pattern, handler) }
  /// The same for POST.
  public static func post(_ pattern: String, _ handler: @escaping Handler) -> Route { Route(.post, pattern, handler) }

  /// What the named parts matched, or nil if the path does not match.
  func match(_ path: [String]) -> [String: String]? {
    var found: [String: String] = [:]
    for (i, part) in parts.enumerated() {
      if case .rest(let name) = part {
        guard i < path.count else { return nil }
        found[name] = path[i...].joined(separator: "/")
        return found
      }
      guard i < path.count else { return nil }
      switch part {
      case .literal(let text): if text != path[i] { return nil }
      case .any(let name): found[name] = path[i]
      case .rest: break
      }
    }
    return path.count == parts.count ? found : nil
  }
}

/// A table of routes. The first that matches answers. If the path exists for other methods only, the answer is 405, and
/// otherwise 404.
public struct Router: Sendable {
  /// In the order in which they are tried.
  public var routes: [Route]

  public init(_ routes: [Route]) { self.routes = routes }

  /// The answer of the first route that matches.
  public func handle(_ request: Request) throws -> Answer {
    var allowed: [Method] = []
    for route in routes {
      guard let parameters = route.match(request.path) else { continue }
      guard route.method == request.method else {
        allowed.append(route.method)
        continue
      }
      var request = request
      request.parameters = parameters
      let pattern = route.pattern
      return try route.handler(request).map { result in
        result.map { response in
          var response = response
          response.route = pattern
          return response
        }
      }
    }
    if allowed.isEmpty { throw Refusal.notFound }
    throw Refusal.method(allowed: allowed)
  }
}

extension Refusal {
  static func method(allowed: [Method]) -> Refusal {
    let names = Method.allCases.filter(allowed.contains).flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }
    return Refusal(
      405, "method_not_allowed", "This address does not support that method.",
      mend: "Use \(names.joined(separator: " or ")).", headers: [Header("Allow", names.joined(separator: ", "))])
  }
}
