import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

/// Clients that are slow, numerous or gone, over real sockets.
@Suite("Slow clients do not shut others out", .serialized)
struct GateTests {
  /// Requests that wait until they are released.
  final class Waiting: Sendable {
    private let finishes = Mutex<[Answer.Finish]>([])

    func add(_ finish: @escaping Answer.Finish) { finishes.withLock { $0.append(finish) } }
    var count: Int { finishes.withLock(\.count) }

    func letGo() {
      let all = finishes.withLock { finishes in
        defer { finishes = [] }
        return finishes
      }
      for finish in all { finish(.success(.text("at last"))) }
    }

    /// Waits until `wanted` requests are waiting.
    func reach(_ wanted: Int) {
      let patience = ContinuousClock.now + .seconds(20)
      while count < wanted, ContinuousClock.now < patience { usleep(2_000) }
      #expect(count == wanted)
    }
  }

  static let large = Data(count: 6 * 1024 * 1024)

  static func start(_ waiting: Waiting = Waiting(), _ change: (inout Server.Limits) -> Void) throws -> Server {
    var limits = Server.Limits()
    change(&limits)
    let router = Router([
      .get("/hello", { _ in .now(.text("hello")) }),
      .post("/echo", { .now(Response(200, body: $0.body)) }),
      .get("/wait", { _ in .later { waiting.add($0) } }),
      .get("/large", { _ in .now(Response(200, body: large)) }),
    ])
    return try Server(port: 0, limits: limits, handler: router.handle)
  }

  static func request(_ path: String, _ headers: String = "") -> Data {
    Data("GET \(path) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n".utf8)
  }

  /// A connection that has been served and is kept open.
  static func kept(_ server: Server) throws -> WireClient.Connection {
    let connection = try WireClient.Connection(port: server.port)
    connection.write(request("/hello"))
    #expect(try connection.read()?.text == "hello")
    return connection
  }

  @Test(
    "a thousand half requests from one address: others are served at once, and it keeps to its share")
  func slowLoris() throws {
    let server = try Self.start { _ in }
    defer { server.stop() }
    let half = Data("GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ".utf8)
    let slow = try (0..<1000).map { _ in
      let connection = try WireClient.Connection(port: server.port, from: "127.0.0.2")
      connection.write(half)
      return connection
    }
    for _ in 0..<5 {
      let newcomer = try WireClient.Connection(port: server.port, patience: 2)
      newcomer.write(Self.request("/hello"))
      #expect(try newcomer.read()?.text == "hello")
    }
    let open = slow.count { !$0.closes(within: 0) }
    #expect(open == Server.Limits().perPeer)
    let refused = try #require(slow.last { $0.closes(within: 0) })
    #expect(try refused.read()?.errorCode ?? "too_many_connections" == "too_many_connections")
  }

  @Test("a thousand half requests from many addresses: a newcomer replaces the one that has waited longest")
  func slowLorisOfMany() throws {
    let server = try Self.start { $0.connections = 200 }
    defer { server.stop() }
    let slow = try (0..<1000).map { i in
      let connection = try WireClient.Connection(port: server.port, from: "127.0.1.\(i % 100 + 1)")
      connection.write(Data("GET /hel".utf8))
      return connection
    }
    for _ in 0..<5 {
      let newcomer = try WireClient.Connection(port: server.port, patience: 2)
      newcomer.write(Self.request("/hello"))
      #expect(try newcomer.read()?.text == "hello")
    }
    #expect(slow.count { !$0.closes(within: 0) } <= 200)
  }

  @Test("when all connections are taken, the longest idle one is closed, and no busy one")
  func oldestIdle() throws {
    let waiting = Waiting()
    let server = try Self.start(waiting) { $0.connections = 6 }
    defer { server.stop() }
    let atWork = try WireClient.Connection(port: server.port)
    atWork.write(Self.request("/wait"))
    waiting.reach(1)
    // The gate's clock has steps of about four milliseconds, so each connection becomes idle a little later than the
    // last.
    let idle = try (0..<5).map { _ in
      let connection = try Self.kept(server)
      #expect(!connection.closes(within: 20))
      return connection
    }
    let newcomer = try Self.kept(server)
    #expect(idle[0].closes(within: 10_000))
    for connection in idle.dropFirst() + [newcomer] { #expect(!connection.closes(within: 0)) }
    waiting.letGo()
    #expect(try atWork.read()?.text == "at last")
  }

  @Test("headers and bodies have a total time limit, however steadily bytes arrive")
  func totalTimes() throws {
    let server = try Self.start {
      $0.head = 1
      $0.bodyTime = 1
    }
    defer { server.stop() }
    let length = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    for begin in [
      "", "G", "GET /hello HTTP/1.1\r\nX: ", length, length.replacing("Content-Length: 1000", with: "X: y"),
    ] {
      let connection = try WireClient.Connection(port: server.port)
      connection.write(Data(begin.utf8))
      var bytes = 0
      // A hundred bytes take ten seconds; a complete request is never sent.
      while bytes < 100, !connection.closes(within: 100) {
        connection.write(Data("a".utf8))
        bytes += 1
      }
      #expect(begin.hasSuffix("y\r\n\r\n") || bytes < 100, "\(begin) went on and on")
    }
    #expect(try WireClient(port: server.port).get("/hello").text == "hello")
  }

  @Test("pending requests and downloads over a slow line are not cut off")
  func slowButGood() throws {
    let waiting = Waiting()
    let server = try Self.start(waiting) {
      $0.head = 1
      $0.bodyTime = 1
      $0.timeout = 1
      $0.stuck = 1
    }
    defer { server.stop() }
    let parked = try WireClient.Connection(port: server.port)
    parked.write(Self.request("/wait"))
    waiting.reach(1)
    let download = try WireClient.Connection(port: server.port, receiveBuffer: 32 * 1024)
    download.write(Self.request("/large"))
    var received = 0
    while received < Self.large.count {
      let count = download.take(64 * 1024)
      guard count > 0 else { break }
      received += count
      // One and a half megabytes per second, so that it takes several times the time limit of a request.
      if received % (64 * 1024) < count { _ = parked.closes(within: 40) }
    }
    #expect(received >= Self.large.count, "the download ended after \(received) bytes")
    #expect(!parked.closes(within: 0))
    waiting.letGo()
    #expect(try parked.read()?.text == "at last")
  }

  @Test("a client that does not take its answer is given up")
  func stuck() throws {
    let server = try Self.start {
      $0.stuck = 1
      $0.connections = 1
    }
    defer { server.stop() }
    let stuck = try WireClient.Connection(port: server.port, receiveBuffer: 4096)
    stuck.write(Self.request("/large"))
    #expect(stuck.take(1) == 1)
    // There is room for one connection: the newcomer is served once the other is given up.
    let newcomer = try WireClient.Connection(port: server.port)
    newcomer.write(Self.request("/hello"))
    #expect(try newcomer.read()?.text == "hello")
    #expect(stuck.take(1) == 1, "what had been sent can still be read")
  }

  @Test("behind a trusted proxy, requests count for the last address that it names; others cannot name one")
  func proxies() throws {
    let waiting = Waiting()
    let server = try Self.start(waiting) { $0.perPeer = 2 }
    defer {
      waiting.letGo()
      server.stop()
    }
    func open(_ headers: String, from: String = "127.0.0.1", _ path: String = "/hello") throws -> WireClient.Connection
    {
      let connection = try WireClient.Connection(port: server.port, from: from)
      connection.write(Self.request(path, headers))
      return connection
    }
    let parked = try (0..<2).map { _ in try open("X-Forwarded-For: 203.0.113.5\r\n", "/wait") }
    waiting.reach(2)
    for same in [
      "X-Forwarded-For: 203.0.113.5", "X-Forwarded-For: 198.51.100.1, 203.0.113.5",
      "X-Forwarded-For: 203.0.113.5, 127.0.0.1", "X-Forwarded-For: 203.0.113.5:4711",
      "X-Forwarded-For: ::ffff:203.0.113.5", "Forwarded: for=203.0.113.5;proto=https",
      "Forwarded: for=198.51.100.1, by=x; For=\"203.0.113.5:80\"",
      "X-Forwarded-For: 203.0.113.5\r\nForwarded: for=198.51.100.1",
      // A proxy may write a line of its own behind the client's, whose last letter may combine with a comma.
      "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.5",
      "X-Forwarded-For: 198.51.100.1\r\nX-Other: 1\r\nx-forwarded-for: 203.0.113.5, 127.0.0.1",
      "Forwarded: for=198.51.100.1\r\nForwarded: for=203.0.113.5", "X-Forwarded-For: a\u{600}, 203.0.113.5",
      "Forwarded: for=a\u{600}, for=203.0.113.5",
    ] {
      let reply = try open(same + "\r\n").read()
      #expect(reply?.status == 503, "\(same)")
      #expect(reply?.errorCode == "too_many_connections", "\(same)")
    }
    for other in [
      "X-Forwarded-For: 203.0.113.6", "X-Forwarded-For: 203.0.113.5, 203.0.113.6", "X-Forwarded-For: unknown",
      "X-Forwarded-For: ", "X-Forwarded-For: [2001:db8::1]:80", "Forwarded: for=\"[2001:db8::1]\"",
      "X-Forwarded-For: 1",
      "X-Forwarded-For: 99999999999999999999", "Forwarded: for=", "X-Other: 203.0.113.5",
    ] {
      #expect(try open(other + "\r\n").read()?.text == "hello", "\(other)")
    }
    // Another address may claim anything: its connections count for itself.
    #expect(try open("X-Forwarded-For: 203.0.113.5\r\n", from: "127.0.0.3").read()?.text == "hello")
    waiting.letGo()
    for connection in parked { #expect(try connection.read()?.text == "at last") }
    #expect(try open("X-Forwarded-For: 203.0.113.5\r\n").read()?.text == "hello")
  }

  @Test("an address's connections count, and an idle one makes room for its next")
  func share() throws {
    let waiting = Waiting()
    let server = try Self.start(waiting) { $0.perPeer = 3 }
    defer {
      waiting.letGo()
      server.stop()
    }
    func connect() throws -> WireClient.Connection { try WireClient.Connection(port: server.port, from: "127.0.0.9") }
    let idle = try connect()
    idle.write(Self.request("/hello"))
    #expect(try idle.read()?.text == "hello")
    var busy: [WireClient.Connection] = []
    // The server may not yet know that its answer was sent. Then it refuses the connection, and the next attempt
    // succeeds.
    for _ in 0..<500 where waiting.count < 3 {
      let connection = try connect()
      // Read before the request is sent, since the request may be waiting a moment later.
      let before = waiting.count
      connection.write(Self.request("/wait"))
      while waiting.count == before, !connection.closes(within: 5) {}
      if waiting.count > before { busy.append(connection) }
    }
    waiting.reach(3)
    #expect(idle.closes(within: 10_000))
    let refused = try connect()
    refused.write(Self.request("/hello"))
    #expect(refused.closes(within: 10_000))
    waiting.letGo()
    for connection in busy { #expect(try connection.read()?.text == "at last") }
  }

  @Test("address ranges are parsed strictly")
  func networks() {
    for good in ["127.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "0.0.0.0/0", "::/0", "192.0.2.7/32"] {
      #expect(Network(good) != nil, "\(good)")
    }
    for bad in [
      "", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "1.2.3.4/8/8",
      "10.0.0.0/9223372036854775808",
      " 127.0.0.1", "localhost", "[::1]", "010.0.0.1.1",
    ] {
      #expect(Network(bad) == nil, "\(bad)")
    }
  }

  @Test("stopping answers all waiting requests, and a later answer does no harm", arguments: [0, 50])
  func stopWithParked(grace: Int) throws {
    let waiting = Waiting()
    let server = try Self.start(waiting) { _ in }
    let parked = try (0..<20).map { _ in
      let connection = try WireClient.Connection(port: server.port)
      connection.write(Self.request("/wait"))
      return connection
    }
    waiting.reach(20)
    server.stop(grace: .milliseconds(grace))
    for connection in parked {
      let reply = try connection.read()
      #expect(reply?.status == 503)
      #expect(reply?.errorCode == "stopping")
    }
    waiting.letGo()
  }

  @Test("answers given while the server stops are sent or refused, each once")
  func stopWhileFinishing() throws {
    for _ in 0..<20 {
      let waiting = Waiting()
      let server = try Self.start(waiting) { _ in }
      let parked = try (0..<8).map { _ in
        let connection = try WireClient.Connection(port: server.port)
        connection.write(Self.request("/wait"))
        return connection
      }
      waiting.reach(8)
      Thread.detachNewThread { waiting.letGo() }
      server.stop(grace: .zero)
      for connection in parked {
        let reply = try connection.read()
        #expect(reply?.text == "at last" || reply?.errorCode == "stopping")
      }
    }
  }
}
