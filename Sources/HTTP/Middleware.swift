import Foundation
import Logging

/// Something that concerns all routes and is wrapped around them.
public protocol Middleware: Sendable {
  /// A handler that does its part before and after `next`.
  func around(_ next: @escaping Handler) -> Handler
}

extension [any Middleware] {
  /// The stack, outermost first, around `handler`.
  public func around(_ handler: @escaping Handler) -> Handler {
    reversed().reduce(handler) { inner, layer in layer.around(inner) }
  }
}

/// Turns what handlers throw into the one JSON form of errors. Anything that is not a `Refusal` is answered 500. Every
/// server error is logged, and its answer contains the request's id, by which the log line can be found.
public struct Refusals: Middleware {
  private let logger: Logger
  private let translate: @Sendable (any Error) -> Refusal?

  /// - Parameter translate: turns errors of other rooms into refusals; nil for errors that are not the client's business.
  public init(_ logger: Logger, translate: @escaping @Sendable (any Error) -> Refusal? = { _ in nil }) {
    self.logger = logger
    self.translate = translate
  }

  public func around(_ next: @escaping Handler) -> Handler {
    let (logger, translate) = (logger, translate)
    @Sendable func response(_ error: any Error, _ request: Request) -> Response {
      let refusal = error as? Refusal ?? translate(error)
      if let refusal, refusal.status < 500 { return refusal.response }
      logger.error("a request failed", metadata: ["error": "\(error)", "request": "\(request.id)"])
      var response = (refusal ?? .internalError).response
      response.headers.append(Header("X-Request-Id", request.id))
      return response
    }
    return { request in
      do {
        return try next(request).map { result in
          if case .failure(let error) = result { return .success(response(error, request)) }
          return result
        }
      } catch { return .now(response(error, request)) }
    }
  }
}

/// Logs one line per request: its id, method, route, status and time. It never logs the address itself, which may contain
/// a token, nor where the request came from. While it logs, no response is kept, so that every request is seen.
public struct AccessLog: Middleware {
  private let logger: Logger

  /// - Parameter logger: gets the lines, at the level `debug`; if it takes none of that level, nothing is measured.
  public init(_ logger: Logger) { self.logger = logger }

  public func around(_ next: @escaping Handler) -> Handler {
    let logger = logger
    return { request in
      guard logger.logLevel <= .debug else { return try next(request) }
      let start = ContinuousClock.now
      let method = request.isHead ? "HEAD" : request.method.rawValue
      return try next(request).map { result in
        result.map { response in
          let route = response.route ?? "(no route)"
          logger.debug(
            "\(method) \(route) \(response.status)",
            metadata: [
              "ms": "\(Double((ContinuousClock.now - start) / .microseconds(1)) / 1000)", "method": "\(method)",
              "request": "\(request.id)", "route": "\(route)", "status": "\(response.status)",
            ])
          var response = response
          response.isLasting = false
          return response
        }
      }
    }
  }
}
