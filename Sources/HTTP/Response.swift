import Foundation

/// A header of a response.
public struct Header: Sendable, Equatable {
  /// In its usual capitals, such as `Content-Type`: it is sent, and may be compared, as it is.
  public var name: String
  /// It is sent as it is; nothing is escaped.
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The response of a handler.
public struct Response: Sendable {
  /// The HTTP status, such as 200.
  public var status: Int
  /// In the order in which they are sent. Several may have the same name.
  public var headers: [Header]
  /// As long as the server runs, the same address gives this response. The server may keep it and send it again without
  /// calling the handler or its middleware.
  public var isLasting = false
  var body: Body
  /// The pattern of the route that answered. This, not the address, may be logged.
  var route: String?

  enum Body: Sendable {
    case bytes(Data)
    /// Made when the response is sent, by the thread that sends it.
    case made(@Sendable () -> Data?)
    case file(FileSlice)
  }

  /// - Parameter body: bytes, whose `Content-Type` has to be among the headers.
  public init(_ status: Int, headers: [Header] = [], body: Data = Data()) {
    self.status = status
    self.headers = headers
    self.body = .bytes(body)
  }

  init(_ status: Int, headers: [Header], file: FileSlice) {
    self.status = status
    self.headers = headers
    body = .file(file)
  }

  /// JSON with snake_case keys in alphabetical order, so that the same value always has the same bytes.
  public static func json(_ value: some Encodable, status: Int = 200) -> Response {
    guard let body = encoded(value) else {
      return Response(500, headers: [Header("Content-Type", "application/json")], body: unsayable)
    }
    return Response(status, headers: [Header("Content-Type", "application/json")], body: body)
  }

  /// The body of a 500, instead of half an answer, for a value with a number that JSON cannot say.
  static let unsayable = Data("{}".utf8)

  /// As `json`, but the value is made and encoded by the thread that sends the response, so that the thread that knows the
  /// answer is free for others.
  public static func json(status: Int, _ value: @escaping @Sendable () -> any Encodable) -> Response {
    var response = Response(status, headers: [Header("Content-Type", "application/json")])
    response.body = .made { encoded(value()) }
    return response
  }

  private static func encoded(_ value: some Encodable) -> Data? {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return try? encoder.encode(value)
  }

  /// A text of the stated type.
  public static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200) -> Response {
    Response(status, headers: [Header("Content-Type", type)], body: Data(text.utf8))
  }

  /// Redirects the browser, by GET (303).
  public static func redirect(to location: String) -> Response {
    Response(303, headers: [Header("Location", location)])
  }

  /// Sets a header, unless the response already has one of that name.
  public mutating func setDefault(_ name: String, _ value: String) {
    // Every response comes through here some ten times: bytes are compared, not characters.
    let isThere = headers.contains { header in
      header.name.utf8.count == name.utf8.count
        && zip(header.name.utf8, name.utf8).allSatisfy { $0 == $1 || ($0 | 0x20 == $1 | 0x20 && $0 & 0x40 != 0) }
    }
    if !isThere { headers.append(Header(name, value)) }
  }
}

/// What a handler returns: a response now, or later.
public enum Answer: Sendable {
  /// Hands over the response, once, from any thread.
  public typealias Finish = @Sendable (Result<Response, any Error>) -> Void

  case now(Response)
  /// The connection is parked, without holding a thread, until `Finish` is called.
  case later(@Sendable (@escaping Finish) -> Void)

  /// Applies `change` to the response, whenever it comes.
  public func map(_ change: @escaping @Sendable (Result<Response, any Error>) -> Result<Response, any Error>) throws
    -> Answer
  {
    switch self {
    case .now(let response): .now(try change(.success(response)).get())
    case .later(let start): .later { finish in start { finish(change($0)) } }
    }
  }
}

/// Answers a request. What it throws becomes an error response.
public typealias Handler = @Sendable (Request) throws -> Answer
