import Basics
import CMicrohttpd
import Foundation
import Synchronization

/// An HTTP/1.1 server by libmicrohttpd: a few epoll loops, one thread per loop, which get their connections from the `Gate`.
/// Only this file, `Parking.swift` and `WireResponse.swift` call that library.
///
/// ```swift
/// let router = Router([.get("/hello", { _ in .now(.text("hello")) })])
/// let server = try Server(port: 8080, handler: router.handle)
/// …
/// server.stop()
/// ```
///
/// Handlers run on those threads and must not wait there: if something takes time, they return `Answer.later`.
///
/// Requests that cannot be read at all, or whose headers are far too large, are refused by libmicrohttpd itself, before any
/// handler. Its own page says nothing about the study; the library has no option to change that page.
public final class Server: Sendable {
  /// The limits for clients.
  public struct Limits: Sendable {
    /// Maximum bytes of a request's body; more is 413.
    public var body = 256 * 1024
    /// Maximum bytes of the request's target; more is 414.
    public var target = 16 * 1024
    /// Maximum bytes of all headers; more is 431.
    public var headers = 16 * 1024
    /// Seconds that a connection is kept for the next request.
    public var timeout = 30
    /// Seconds that a request's first line and headers may take in total, from the beginning of the connection; on a
    /// connection that was kept, from the end of the first line.
    public var head = 20
    /// Seconds that a body may take in total.
    public var bodyTime = 60
    /// Seconds after which an answer is abandoned if the client has received less than 1,024 bytes in that time. A download may
    /// take any time as long as something arrives.
    public var stuck = 60
    /// Connections at one time; fewer if the system gives the process too few descriptors. When all are taken, the one that
    /// has waited longest for a request is closed for the newcomer.
    public var connections = 1000
    /// Connections of one address, and requests that a trusted proxy forwards for one; more are refused (503). A household's
    /// IPv6 addresses (64 bits) count as one. A trusted proxy itself may have all connections.
    public var perPeer = 250
    /// Proxies whose `X-Forwarded-For`, `Forwarded` and `X-Forwarded-Proto` are trusted: for limits per address, and for whether
    /// the browser uses HTTPS.
    public var proxies = Network.thisMachine
    /// Bytes of lasting responses that are kept in memory.
    public var shelf = 2 * 1024 * 1024
    /// Headers for answers that are sent before any handler is called: requests that cannot be read, are too large or are too
    /// many.
    public var earlyHeaders: [Header] = []
    /// Event loops, each with a thread, on which handlers run: as many as the machine has cores, but from 2 to 8.
    public var threads = max(2, min(8, ProcessInfo.processInfo.activeProcessorCount))

    public init() {}
  }

  /// The address or name as it was asked for; it is not resolved.
  public let host: String
  /// The port on which the server listens; useful if 0 was requested.
  public let port: Int
  private let daemons: Daemons
  private let core: Core

  /// Starts to listen. From now on, the process may have as many open files and connections as the system allows.
  /// - Parameters:
  ///   - host: an address of this machine, or a name for one. Only `0.0.0.0` and `::` serve the whole network.
  ///   - port: 0 takes any free port.
  /// - Throws: `ListenError`.
  public init(host: String = "127.0.0.1", port: Int, limits: Limits = Limits(), handler: @escaping Handler) throws {
    // A client that goes away while a file is sent to it would otherwise end the process.
    signal(SIGPIPE, SIG_IGN)
    // A third of the descriptors is left for files, the records and what else the process opens.
    let capacity = max(1, min(limits.connections, Descriptors.raised() * 2 / 3))
    let listener = try Listener(host: host, port: port)
    self.host = host
    self.port = listener.port
    let core = Core(limits: limits, gate: Gate(limits: limits, capacity: capacity), handler: handler)
    self.core = core
    // Somewhat more than a request's head may take, so that Earshot's own answers come before libmicrohttpd's. Each connection
    // has as much, and all of it is cleared for each request.
    let memory = limits.headers + limits.target + 16 * 1024
    // Those that are on their way out are still there for a moment.
    let room = UInt32(2 * capacity + 64)
    let pointers = (0..<max(1, limits.threads)).compactMap { _ in
      earshot_mhd_start(
        Callbacks.handle, Callbacks.began, Callbacks.completed, Callbacks.cameOrWent,
        Unmanaged.passUnretained(core).toOpaque(), room, memory)
    }
    daemons = Daemons(pointers)
    guard !pointers.isEmpty else {
      close(listener.descriptor)
      throw ListenError(host: host, port: port, reason: .other("libmicrohttpd could not start"))
    }
    let daemons = daemons
    core.gate.open(listener.descriptor) { daemons.add($0, $1) }
  }

  /// Stops: accepts no more connections, waits at most `grace` until requests in progress are answered, answers 503 to those
  /// still parked, and closes all connections. Calling it again does nothing.
  public func stop(grace: Duration = .seconds(10)) {
    guard daemons.begin() else { return }
    core.isStopping.store(true, ordering: .releasing)
    core.gate.shut()
    func wait(atMost time: Duration) {
      let deadline = ContinuousClock.now + time
      while core.inFlight.load(ordering: .acquiring) > 0, ContinuousClock.now < deadline { usleep(5_000) }
    }
    wait(atMost: grace)
    // libmicrohttpd ends the process if it is stopped while a connection is parked.
    core.parking.close()
    wait(atMost: .seconds(1))
    daemons.stop()
  }

  deinit { stop(grace: .zero) }

  /// The C handles, one epoll loop each, which are stopped once.
  /// `@unchecked`: libmicrohttpd's daemons may be used from any thread. Connections are added only until the gate is closed,
  /// and the daemons are stopped after that.
  private final class Daemons: @unchecked Sendable {
    private let pointers: [OpaquePointer]
    private let isStopped = Atomic<Bool>(false)
    private let turn = Atomic<Int>(0)

    init(_ pointers: [OpaquePointer]) { self.pointers = pointers }

    /// Hands a connection to the next loop.
    func add(_ socket: CInt, _ address: sockaddr_storage) -> Bool {
      var address = address
      let number = UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue)
      return earshot_mhd_add(pointers[Int(number % UInt(pointers.count))], socket, &address) != 0
    }

    /// True for the caller that must stop them.
    func begin() -> Bool { !pointers.isEmpty && !isStopped.exchange(true, ordering: .acquiringAndReleasing) }

    func stop() { for pointer in pointers { MHD_stop_daemon(pointer) } }
  }
}

/// What the callbacks share.
final class Core: Sendable {
  let limits: Server.Limits
  let gate: Gate
  let parking: Parking
  let handler: Handler
  /// Lasting responses, by the requested target, so that another request needs neither a handler nor a file.
  let shelf: Recent<String, WireResponse>
  let isStopping = Atomic<Bool>(false)
  let inFlight = Atomic<Int>(0)

  init(limits: Server.Limits, gate: Gate, handler: @escaping Handler) {
    self.limits = limits
    parking = Parking(limits.earlyHeaders)
    self.gate = gate
    self.handler = handler
    // The target and the headers take some room too.
    shelf = Recent(capacity: limits.shelf) { $0.size + 2048 }
  }
}

/// One request from its first line to the last byte of its answer.
/// `@unchecked`: libmicrohttpd makes the calls for one connection from one thread at a time, and none while the connection
/// is parked. The answer that ends the parking is handed over through a lock.
final class Exchange: @unchecked Sendable {
  let target: String
  let guest: Guest?
  /// The address for which a trusted proxy forwards the request, if it was counted.
  var client: Address?
  var refusal: Refusal?
  var body = Data()
  var received = 0
  var isCounted = false
  var isComplete = false
  let answer = Mutex<Response?>(nil)

  init(target: String, guest: Guest?) {
    self.target = target
    self.guest = guest
    guest?.turn(.head)
  }
}

/// The functions that libmicrohttpd calls. They belong to no actor, since it calls on its own threads.
enum Callbacks {
  /// A connection begins or ends. Its guest is stored with it in between.
  static let cameOrWent: MHD_NotifyConnectionCallback = { context, connection, place, what in
    guard let context, let connection, let place else { return }
    let gate = Unmanaged<Core>.fromOpaque(context).takeUnretainedValue().gate
    if what == .CONNECTION_NOTIFY_STARTED {
      place.pointee = gate.guest(earshot_mhd_socket(connection)).map { Unmanaged.passRetained($0).toOpaque() }
    } else if let pointer = place.pointee {
      gate.leave(Unmanaged<Guest>.fromOpaque(pointer).takeRetainedValue())
      place.pointee = nil
    }
  }

  /// The first line of a request has arrived.
  static let began:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
      UnsafeMutableRawPointer? = { _, uri, connection in
        let guest = connection.flatMap(earshot_mhd_socket_context).map {
          Unmanaged<Guest>.fromOpaque($0).takeUnretainedValue()
        }
        return Unmanaged.passRetained(Exchange(target: uri.map { String(cString: $0) } ?? "", guest: guest)).toOpaque()
      }

  static let completed: MHD_RequestCompletedCallback = { context, _, state, _ in
    guard let pointer = state?.pointee else { return }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
    state?.pointee = nil
    exchange.guest?.turn(.idle)
    guard exchange.isCounted, let context else { return }
    let core = Unmanaged<Core>.fromOpaque(context).takeUnretainedValue()
    if let client = exchange.client { core.gate.end(for: client) }
    core.inFlight.subtract(1, ordering: .acquiringAndReleasing)
  }

  /// Called when the headers have arrived, for each piece of the body, when the request is complete, and when a parked
  /// connection is resumed.
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
    if let response = exchange.answer.withLock({ $0 }) { return Wire.send(response, exchange, connection, core) }
    guard !exchange.isComplete, let method else { return .NO }
    exchange.isComplete = true
    return Wire.requestCame(exchange, connection, String(cString: method), core)
  }
}

/// Translates between libmicrohttpd's connections and Earshot's requests and responses.
enum Wire {
  static func headersCame(_ exchange: Exchange, _ connection: OpaquePointer, _ core: Core) -> MHD_Result {
    let limits = core.limits
    exchange.guest?.turn(.body)
    func refuse(_ refusal: Refusal) -> MHD_Result { send(refusal, exchange, connection, core) }
    if exchange.target.utf8.count > limits.target { return refuse(.longAddress) }
    var size = 0
    var forwarded = Forwarded()
    eachHeader(of: connection) { name, value in
      size += name.utf8.count + value.utf8.count + 4
      forwarded.add(name, value)
    }
    if size > limits.headers { return refuse(.largeHeaders) }
    // A length that no integer holds is larger than any limit.
    if let length = header("Content-Length", of: connection), (Int(length) ?? .max) > limits.body {
      return refuse(.tooLarge(limits.body))
    }
    if let guest = exchange.guest, core.gate.isTrusted(guest.peer),
      let client = forwarded.client(trusting: limits.proxies)
    {
      guard core.gate.begin(for: client) else { return refuse(.tooMany) }
      exchange.client = client
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
    exchange.body.append(contentsOf: piece)
    return .YES
  }

  static func requestCame(_ exchange: Exchange, _ connection: OpaquePointer, _ method: String, _ core: Core)
    -> MHD_Result
  {
    exchange.guest?.turn(.working)
    if let refusal = exchange.refusal { return send(refusal, exchange, connection, core) }
    let isWhole = method == "GET" && asksForAll(connection) && !core.isStopping.load(ordering: .acquiring)
    if isWhole, let kept = core.shelf[exchange.target] { return send(kept, exchange, connection) }
    do {
      let isHead = method == "HEAD"
      let method = isHead ? .get : Method(rawValue: method) ?? .other
      let target = try Target(exchange.target)
      var headers: [(name: String, value: String)] = []
      eachHeader(of: connection) { headers.append(($0, $1)) }
      let request = Request(
        method: method, isHead: isHead, path: target.path, wayToRoot: target.wayToRoot, query: target.query,
        body: exchange.body, peer: (exchange.client ?? exchange.guest?.peer)?.household,
        isSecure: isSecure(exchange, connection, core), headers: headers)
      switch try core.handler(request) {
      case .now(let response) where isWhole && response.isLasting:
        guard let made = WireResponse(response, isLast: false) else { return .NO }
        core.shelf[exchange.target] = made
        return send(made, exchange, connection)
      case .now(let response): return send(response, exchange, connection, core)
      case .later(let start):
        // Parked before the work starts: it may be done, on another thread, before `start` returns.
        guard let parked = core.parking.park(connection, exchange) else { throw Refusal.stopping }
        start { parked.resume($0) }
        return .YES
      }
    } catch let refusal as Refusal { return send(refusal, exchange, connection, core) } catch {
      return send(Refusal.internalError, exchange, connection, core)
    }
  }

  private static func send(_ refusal: Refusal, _ exchange: Exchange, _ connection: OpaquePointer, _ core: Core)
    -> MHD_Result
  {
    send(refusal.response(with: core.limits.earlyHeaders), exchange, connection, core)
  }

  static func send(_ response: Response, _ exchange: Exchange, _ connection: OpaquePointer, _ core: Core)
    -> MHD_Result
  {
    guard let made = WireResponse(response, isLast: core.isStopping.load(ordering: .acquiring)) else { return .NO }
    return send(made, exchange, connection)
  }

  private static func send(_ response: WireResponse, _ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
    exchange.guest?.turn(.sending)
    return response.send(on: connection)
  }

  private static func isSecure(_ exchange: Exchange, _ connection: OpaquePointer, _ core: Core) -> Bool {
    guard let guest = exchange.guest, core.gate.isTrusted(guest.peer) else { return false }
    return Forwarded.isSecure(
      xForwardedProto: header("X-Forwarded-Proto", of: connection), forwarded: header("Forwarded", of: connection))
  }

  /// The request has neither a range nor a condition.
  private static func asksForAll(_ connection: OpaquePointer) -> Bool {
    header("Range", of: connection) == nil && header("If-None-Match", of: connection) == nil
  }

  private static func header(_ name: String, of connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
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
