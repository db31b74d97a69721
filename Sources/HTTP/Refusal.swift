import Foundation

/// A request that was not fulfilled, and why: the one form of every error that a client sees.
///
/// ```json
/// {"error":{"code":"unknown_token","message":"…","mend":"…"},"retry":true}
/// ```
public struct Refusal: Error, Sendable, Equatable {
  /// The HTTP status, from 400 to 599.
  public var status: Int
  /// A word for programs, in snake_case.
  public var code: String
  /// A sentence for people.
  public var message: String
  /// What would be right, or what to do.
  public var mend: String
  /// The same request may succeed later.
  public var retry: Bool
  /// Further headers of the answer, such as `Retry-After`.
  public var headers: [Header]

  public init(
    _ status: Int, _ code: String, _ message: String, mend: String, retry: Bool = false, headers: [Header] = []
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.mend = mend
    self.retry = retry
    self.headers = headers
  }

  /// The JSON form. `retry` is left out if it is false.
  public var response: Response {
    struct Form: Encodable {
      struct Content: Encodable { var code, message, mend: String }
      var error: Content
      var retry: Bool?
    }
    var response = Response.json(
      Form(error: .init(code: code, message: message, mend: mend), retry: retry ? true : nil), status: status)
    response.headers += headers
    return response
  }
}

extension Refusal {
  /// With headers that every answer has.
  func response(with headers: [Header]) -> Response {
    var response = response
    for header in headers { response.setDefault(header.name, header.value) }
    return response
  }

  /// 404, for an address that no route takes, or that names something which is not there.
  public static let notFound = Refusal(
    404, "not_found", "There is nothing at this address.", mend: "Use the link exactly as you received it.")

  /// 500, for any other error: the client learns nothing about it, but the log does.
  public static let internalError = Refusal(
    500, "internal_error", "Something went wrong on the server.", mend: "Try again; the server's log has details.",
    retry: true)

  static let longAddress = Refusal(
    414, "address_too_long", "The address is too long.", mend: "Use the link exactly as you received it.")

  static let largeHeaders = Refusal(
    431, "headers_too_large", "The request's headers are too large.", mend: "Clear this site's cookies.")

  static let tooMany = Refusal(
    503, "too_many_connections", "There are too many connections from this address.", mend: "Try again in a moment.",
    retry: true, headers: [Header("Retry-After", "5"), Header("Connection", "close")])

  static let stopping = Refusal(
    503, "stopping", "The server is stopping and did not answer this.", mend: "Try again in a few seconds.",
    retry: true, headers: [Header("Retry-After", "3")])

  /// The system has no file descriptors or no memory left.
  public static let busy = Refusal(
    503, "busy", "The server is too busy at the moment.", mend: "Try again in a few seconds.", retry: true,
    headers: [Header("Retry-After", "3")])

  static func tooLarge(_ limit: Int) -> Refusal {
    Refusal(
      413, "too_large", "The request's body is larger than \(limit) bytes.", mend: "Send less in one request.",
      headers: [Header("Connection", "close")])
  }
}
