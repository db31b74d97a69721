import Foundation

/// Also serves everything below a path, for a web server in front that passes requests on without removing the path under
/// which it serves them.
///
/// The path is the stated one, or the one in the request's `X-Forwarded-Prefix`, which only shortens the path of that same
/// request and so needs no trust. Nothing needs to be stated if the web server removes the path itself.
public struct BasePath: Middleware {
  private let stated: [String]

  /// - Parameter stated: the path's parts; none for the root.
  public init(_ stated: [String] = []) { self.stated = stated }

  public func around(_ next: @escaping Handler) -> Handler {
    let stated = stated
    return { request in
      do { return try next(request) } catch let refusal as Refusal where refusal.status == 404 {
        // An address that means something as it is means that: the path was cut off already.
        let forwarded = (request.header("x-forwarded-prefix") ?? "").split(separator: ",").first ?? ""
        for base in [stated, BasePath.parts(String(forwarded))] where !base.isEmpty {
          if let below = request.below(base) { return try next(below) }
        }
        throw refusal
      }
    }
  }

  /// The parts of a path as written in an address, percent-decoded.
  public static func parts(_ path: String) -> [String] {
    path.split(separator: "/").map { part in
      let text = part.trimmingCharacters(in: .whitespaces)
      return text.removingPercentEncoding ?? text
    }.filter { !$0.isEmpty }
  }
}

extension Request {
  /// The same request as seen from `base`, or nil if it asks for something else.
  public func below(_ base: [String]) -> Request? {
    guard path.starts(with: base) else { return nil }
    var below = self
    below.path.removeFirst(base.count)
    let up = "../"
    if wayToRoot.utf8.count >= up.utf8.count * base.count {
      below.wayToRoot.removeLast(up.utf8.count * base.count)
    } else {
      // The base itself without its slash: the root is inside it.
      let last = base.last?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      below.wayToRoot = "\(last)/"
    }
    return below
  }
}
