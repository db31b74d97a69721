import Basics
import CMicrohttpd
import Foundation
import Synchronization

/// An HTTP/1.1 server by libmicrohttpd: an epoll loop a thread of a small pool. No other file than this and
/// `WireResponse.swift` calls that library.
///
/// ```swift
/// let router = Router([.get("/hello", { _ in .now(.text("hello")) })])
/// let server = try Server(port: 8080, handler: router.handle)
/// …
/// server.stop()
/// ```
///
/// Handlers run on the pool's threads and should not wait there: what takes time returns `Answer.later`.
///
/// Requests that cannot be read at all, or whose headers are beyond all measure, are refused by libmicrohttpd itself,
/// before any handler, with a page of its own that says nothing of the study: it has no option to change that page.
public final class Server: Sendable {
  /// What a client may ask of the server.
  public struct Limits: Sendable {
    /// Bytes of a request's body; more is 413.
    public var body = 256 * 1024
    /// Bytes of the request's target; more is 414.
    public var target = 16 * 1024
    /// Bytes of all headers; more is 431.
    public var headers = 16 * 1024
    /// Seconds without a byte after which a connection is closed, and seconds that a body may take in all.
    public var timeout = 30
    /// Connections at one time; more wait to be accepted.
    public var connections = 1000
    /// Bytes of lasting responses that are kept at hand.
    public var shelf = 2 * 1024 * 1024
    public var threads = max(2, min(8, ProcessInfo.processInfo.activeProcessorCount))

    public init() {}
  }

  public let host: String
  /// The port that is listened on; of value when 0 was asked for.
  public let port: Int
  private let daemon: Daemon
  private let core: Core

  /// Starts to listen.
  /// - Parameters:
  ///   - host: an address of this machine, or a name of one. Only `0.0.0.0` or `::` answer to all of the network.
  ///   - port: 0 takes any free one.
  /// - Throws: `ListenError`.
  public init(host: String = "127.0.0.1", port: Int, limits: Limits = Limits(), handler: @escaping Handler) throws {
    // A client that goes away while a file is sent to it would otherwise end the process.
    signal(SIGPIPE, SIG_IGN)
    let listener = try Listener(host: host, port: port)
    self.host = host
    self.port = listener.port
    let core = Core(limits: limits, handler: handler)
    self.core = core
    // Twice the header limit, so that Earshot's own answers come before libmicrohttpd's.
    let memory = 2 * (limits.headers + limits.target) + 16 * 1024
    guard
      let pointer = earshot_mhd_start(
        listener.descriptor, listener.isIPv6 ? 1 : 0, Callbacks.handle, Callbacks.began, Callbacks.completed,
        Unmanaged.passUnretained(core).toOpaque(), UInt32(limits.threads), UInt32(limits.timeout),
        UInt32(limits.connections), memory)
    else {
      close(listener.descriptor)
      throw ListenError(host: host, port: port, reason: .other("libmicrohttpd could not start"))
    }
    daemon = Daemon(pointer: pointer)
  }

  /// Stops: takes no more connections, waits until what is in flight is answered, at most `grace`, then closes all.
  /// Calling it again does nothing.
  public func stop(grace: Duration = .seconds(10)) {
    guard let pointer = daemon.take() else { return }
    core.isStopping.store(true, ordering: .releasing)
    let listener = MHD_quiesce_daemon(pointer)
    if listener >= 0 { close(listener) }
    let deadline = ContinuousClock.now + grace
    while core.inFlight.load(ordering: .acquiring) > 0, ContinuousClock.now < deadline { usleep(5_000) }
    MHD_stop_daemon(pointer)
  }

  deinit { stop(grace: .zero) }

  /// The C handle, which is stopped once.
  /// `@unchecked`: libmicrohttpd's daemon may be used from any thread, and the pointer is guarded by a lock.
  private final class Daemon: @unchecked Sendable {
    private let lock = Mutex<Void>(())
    private var pointer: OpaquePointer?

    init(pointer: OpaquePointer) { self.pointer = pointer }

    func take() -> OpaquePointer? {
      lock.withLock { _ in
        defer { pointer = nil }
        return pointer
      }
    }
  }
}

/// What the callbacks share.
final class Core: Sendable {
  let limits: Server.Limits
  let handler: Handler
  let shelf: Shelf
  let isStopping = Atomic<Bool>(false)
  let inFlight = Atomic<Int>(0)

  init(limits: Server.Limits, handler: @escaping Handler) {
    self.limits = limits
    self.handler = handler
    shelf = Shelf(capacity: limits.shelf)
  }
}

/// One request from its first line to the last byte of its answer.
/// `@unchecked`: libmicrohttpd calls for one connection from one thread at a time, and not at all while the connection
/// is parked; the answer that ends the parking is handed over through a lock.
final class Exchange: @unchecked Sendable {
  let target: String
  var refusal: Refusal?
  var body = Data()
  var received = 0
  var isCounted = false
  var isComplete = false
  let began = ContinuousClock.now
  let answer = Mutex<Response?>(nil)

  init(target: String) { self.target = target }
}

/// The functions that libmicrohttpd calls. They stand outside any actor: it calls on threads of its own.
enum Callbacks {
  /// The first line of a request has come.
  static let began:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
      UnsafeMutableRawPointer? = { _, uri, _ in
        Unmanaged.passRetained(Exchange(target: uri.map { String(cString: $0) } ?? "")).toOpaque()
      }

  static let completed: MHD_RequestCompletedCallback = { context, _, state, _ in
    guard let pointer = state?.pointee else { return }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer)
    if exchange.takeUnretainedValue().isCounted, let context {
      Unmanaged<Core>.fromOpaque(context).takeUnretainedValue().inFlight.subtract(1, ordering: .acquiringAndReleasing)
    }
    exchange.release()
    state?.pointee = nil
  }

  /// Called when the headers have come, for each piece of the body, when the request is complete, and when a parked
  /// connection goes on.
  static let handle: MHD_AccessHandlerCallback = { context, connection, _, method, _, upload, uploadSize, state in
    guard let context, let connection, let uploadSize, let pointer = state?.pointee else { return .NO }
    let core = Unmanaged<Core>.fromOpaque(context).takeUnretainedValue()
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    if !exchange.isCounted {
      exchange.isCounted = true
      core.inFlight.add(1, ordering: .acquiringAndReleasing)
      return Wire.headersCame(exchange, connection, core)
    }
    if uploadSize.pointee > 0 {
      let count = uploadSize.pointee
      uploadSize.pointee = 0
      return Wire.bodyCame(exchange, UnsafeRawBufferPointer(start: upload, count: count), core)
    }
    if let response = exchange.answer.withLock({ $0 }) { return Wire.send(response, connection, core) }
    guard !exchange.isComplete, let method else { return .NO }
    exchange.isComplete = true
    return Wire.requestCame(exchange, connection, String(cString: method), core)
  }
}

/// Between libmicrohttpd's connections and Earshot's requests and responses.
enum Wire {
  static func headersCame(_ exchange: Exchange, _ connection: OpaquePointer, _ core: Core) -> MHD_Result {
    let limits = core.limits
    if exchange.target.utf8.count > limits.target {
      return send(
        Refusal(414, "address_too_long", "The address is too long.", mend: "Use the link exactly as it was given.")
          .response, connection, core)
    }
    var size = 0
    eachHeader(of: connection) { name, value in size += name.utf8.count + value.utf8.count + 4 }
    if size > limits.headers {
      return send(
        Refusal(431, "headers_too_large", "The request's headers are too large.", mend: "Clear this site's cookies.")
          .response, connection, core)
    }
    if let text = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Length"),
      let length = Int(String(cString: text)), length > limits.body
    {
      return send(Refusal.tooLarge(limits.body).response, connection, core)
    }
    return .YES
  }

  static func bodyCame(_ exchange: Exchange, _ piece: UnsafeRawBufferPointer, _ core: Core) -> MHD_Result {
    exchange.received += piece.count
    guard exchange.received <= core.limits.body else {
      // A body of unannounced length can be answered only at its end; one that does not end is cut off.
      exchange.body = Data()
      exchange.refusal = Refusal.tooLarge(core.limits.body)
      return exchange.received <= 8 * core.limits.body ? .YES : .NO
    }
    if ContinuousClock.now - exchange.began > .seconds(core.limits.timeout) { return .NO }
    exchange.body.append(contentsOf: piece)
    return .YES
  }

  static func requestCame(_ exchange: Exchange, _ connection: OpaquePointer, _ method: String, _ core: Core)
    -> MHD_Result
  {
    if let refusal = exchange.refusal { return send(refusal.response, connection, core) }
    let isWhole = method == "GET" && asksForAll(connection) && !core.isStopping.load(ordering: .acquiring)
    if isWhole, let kept = core.shelf.response(to: exchange.target) { return kept.send(on: connection) }
    do {
      let isHead = method == "HEAD"
      guard let method = isHead ? .get : Method(rawValue: method) else {
        throw Refusal.method(allowed: Method.allCases)
      }
      let target = try Target(exchange.target)
      var headers: [(name: String, value: String)] = []
      eachHeader(of: connection) { headers.append(($0, $1)) }
      let request = Request(
        method: method, isHead: isHead, path: target.path, wayToRoot: target.wayToRoot, query: target.query,
        body: exchange.body, headers: headers)
      switch try core.handler(request) {
      case .now(let response) where isWhole && response.isLasting:
        guard let made = WireResponse(response, isLast: false) else { return .NO }
        core.shelf.put(made, for: exchange.target)
        return made.send(on: connection)
      case .now(let response): return send(response, connection, core)
      case .later(let start):
        // Parked before the work starts: it may be done, on another thread, before `start` returns.
        MHD_suspend_connection(connection)
        let parked = Parked(connection: connection, exchange: exchange)
        start { parked.resume($0) }
        return .YES
      }
    } catch let refusal as Refusal { return send(refusal.response, connection, core) } catch {
      return send(Refusal.internalError.response, connection, core)
    }
  }

  /// A connection that waits for its answer.
  /// `@unchecked`: libmicrohttpd allows a suspended connection to be resumed from any thread; `answer` lets it be once.
  private struct Parked: @unchecked Sendable {
    let connection: OpaquePointer
    let exchange: Exchange

    func resume(_ result: Result<Response, any Error>) {
      let isFirst = exchange.answer.withLock { answer in
        guard answer == nil else { return false }
        switch result {
        case .success(let response): answer = response
        case .failure(let error): answer = (error as? Refusal ?? .internalError).response
        }
        return true
      }
      if isFirst { MHD_resume_connection(connection) }
    }
  }

  static func send(_ response: Response, _ connection: OpaquePointer, _ core: Core) -> MHD_Result {
    guard let made = WireResponse(response, isLast: core.isStopping.load(ordering: .acquiring)) else { return .NO }
    return made.send(on: connection)
  }

  /// Neither a part is wanted, nor only what is not known yet.
  private static func asksForAll(_ connection: OpaquePointer) -> Bool {
    MHD_lookup_connection_value(connection, .HEADER_KIND, "Range") == nil
      && MHD_lookup_connection_value(connection, .HEADER_KIND, "If-None-Match") == nil
  }

  private static func eachHeader(of connection: OpaquePointer, _ body: (String, String) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        _ = MHD_get_connection_values(
          connection, .HEADER_KIND,
          { context, _, name, value in
            guard let name, let value, let context else { return .YES }
            context.assumingMemoryBound(to: ((String, String) -> Void).self)
              .pointee(String(cString: name), String(cString: value))
            return .YES
          }, UnsafeMutableRawPointer(mutating: pointer))
      }
    }
  }
}
