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

/// Turns what handlers throw into the one JSON form of errors. What is no `Refusal` is
/// answered 500; whatever the server is to blame for is logged, whoever translates it, and the answer has the request's id
/// by which the line is found.
public struct Refusals: Middleware {
  private let logger: Logger
  private let translate: @Sendable (any Error) -> Refusal?

  /// - Parameter translate: how errors of other rooms are told to a client; nil where they are not its business.
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

/// Logs one line a request: its id, method, route, status and time. Never the address itself, which may hold a token, nor
/// where the request came from. As long as it logs, no response lasts: each request is to be seen.
public struct AccessLog: Middleware {
  private let logger: Logger

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
