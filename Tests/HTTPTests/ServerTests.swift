import Basics
import Foundation
import HTTP
import Synchronization
import Testing
import TestSupport

@Suite("The server, over real sockets")
struct ServerTests {
  /// Starts a server with one route of each kind.
  /// Requests that are answered when the test says so.
  final class Held: Sendable {
    private let waiting = Mutex<[Answer.Finish]>([])
    private let came = DispatchSemaphore(value: 0)

    func hold(_ finish: @escaping Answer.Finish) {
      waiting.withLock { $0.append(finish) }
      came.signal()
    }

    /// Returns once that many more have come.
    func wait(for count: Int) { for _ in 0..<count { came.wait() } }

    func answer() {
      let all = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      for finish in all { finish(.success(.text("late"))) }
    }
  }

  static func start(_ limits: Server.Limits = .init(), held: Held = Held()) throws -> Server {
    let router = Router([
      .get("/hello", { _ in .now(.text("hello")) }),
      .post("/echo", { .now(Response(200, body: $0.body)) }),
      .get("/names/:name", { .now(.text($0.parameter("name"))) }),
      .get(
        "/query",
        { .now(.text($0.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";"))) }),
      .get("/broken", { _ in throw Problem("a secret detail", mend: "") }),
      .get("/slow", { _ in .later { held.hold($0) } }),
      .get("/kept", { _ in .now(.json(["number": 1.5])) }),
      .get("/made", { _ in .now(.json(status: 200) { ["number": 1.5] }) }),
      .get("/unsayable", { _ in .now(.json(status: 201) { ["number": Double.nan] }) }),
      .get(
        "/twice",
        { _ in
          .later { finish in
            finish(.success(.text("first")))
            finish(.success(.text("second")))
          }
        }),
    ])
    return try Server(port: 0, limits: limits, handler: router.handle)
  }

  @Test("the server answers, echoes, and keeps the connection for the next request")
  func basics() throws {
    let server = try Self.start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let hello = try client.get("/hello")
    #expect(hello.status == 200)
    #expect(hello.text == "hello")
    let bytes = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    #expect(try client.request("POST", "/echo", [:], body: bytes).body == bytes)
    let connection = try WireClient.Connection(port: server.port)
    for _ in 0..<3 {
      connection.write(Data("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      #expect(try connection.read()?.text == "hello")
    }
  }

  @Test(
    "an answer that is made when it is sent is like one that was made before, and one that JSON cannot say is an error")
  func made() throws {
    let server = try Self.start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for method in ["GET", "HEAD"] {
      let (kept, made) = (try client.get("/kept", method: method), try client.get("/made", method: method))
      #expect(kept.status == 200 && made.status == 200)
      #expect(kept["Content-Length"] == "14" && made["Content-Length"] == "14")
      #expect(made.text == kept.text && made["Content-Type"] == kept["Content-Type"])
    }
    let unsayable = try client.get("/unsayable")
    #expect(unsayable.status == 500 && unsayable.text == "{}")
  }

  @Test("HEAD has the headers of GET and no body")
  func head() throws {
    let server = try Self.start()
    defer { server.stop() }
    let reply = try WireClient(port: server.port).get("/hello", method: "HEAD")
    #expect(reply.status == 200)
    #expect(reply["Content-Length"] == "5")
    #expect(reply.body.isEmpty)
  }

  @Test("an unknown path is 404; a method that a path does not allow is 405 and names the allowed ones")
  func unknown() throws {
    let server = try Self.start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let nowhere = try client.get("/nowhere")
    #expect(nowhere.status == 404)
    #expect(nowhere.errorCode == "not_found")
    let wrong = try client.post("/hello", [:])
    #expect(wrong.status == 405)
    #expect(wrong["Allow"] == "GET, HEAD")
    #expect(try client.get("/echo").status == 405)
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
      let reply = try client.get("/hello", method: method)
      #expect(reply.status == 405, "\(method)")
      #expect(reply["Allow"] == "GET, HEAD", "\(method)")
      #expect(reply.errorCode == "method_not_allowed", "\(method)")
    }
  }

  @Test("addresses are decoded once, strictly")
  func addresses() throws {
    let server = try Self.start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try client.get("/names/a%20b%2Bc+d").text == "a b+c+d")
    #expect(try client.get("/names/%C3%A9").text == "é")
    #expect(try client.get("/names/%2541").text == "%41")
    #expect(try client.get("/query?b=1+2&a=%26&a=2&c").text == "a=&;b=1 2;c=")
    for path in [
      "/names/%00", "/names/%zz", "/names/%e", "/names/%ff", "/names/..", "/names/%2e%2e", "/names/a%2fb",
      "/names/a%5cb",
      "/names//x", "//names/x", "/names/%0d%0aX:1",
    ] { #expect(try client.get(path).status == 400, "\(path)") }
  }

  @Test("a query is read as far as possible, and never causes a refusal")
  func spoiltQueries() throws {
    let server = try Self.start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for (query, read) in [
      ("id=50%", "id=50%"), ("id=%", "id=%"), ("id=%4", "id=%4"), ("id=%zz%41", "id=%zzA"),
      ("id=M%FCller", "id=M\u{fffd}ller"),
      ("id=%ED%A0%80", "id=\u{fffd}\u{fffd}\u{fffd}"), ("a%=1", "a%=1"), ("&&=x&", "=x"),
      ("id={{%PID%}}", "id={{%PID%}}"),
      ("a=%00b", "a=\0b"), ("a=b=c", "a=b=c"), ("id=" + String(repeating: "x", count: 15_000), nil),
    ] as [(String, String?)] {
      let reply = try client.get("/query?\(query)")
      #expect(reply.status == 200, "\(query.prefix(40))")
      if let read { #expect(reply.text == read, "\(query)") }
    }
  }

  @Test("below a path prefix that a web server left on, addresses mean the same and lead to the root")
  func basePath() throws {
    let routes: Handler = { request in
      switch request.path {
      case [], ["lab"], ["t", "x"], ["a", "b"]:
        .now(.text("/\(request.path.joined(separator: "/")) \(request.wayToRoot)"))
      default: throw Refusal.notFound
      }
    }
    let server = try Server(port: 0, handler: BasePath(["a", "b"]).around(routes))
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for (path, seen) in [
      ("/", "/ "), ("/lab", "/lab "), ("/lab/", "/lab ../"), ("/t/x", "/t/x ../"), ("/t/x/?q=%", "/t/x ../../"),
      ("/a/b/", "/a/b ../../"), ("/a/b/lab", "/lab "), ("/a/b/lab/", "/lab ../"), ("/a/b/t/x", "/t/x ../"),
    ] { #expect(try client.get(path).text == seen, "\(path)") }
    // As a proxy sends it that passes the prefix on, for one request.
    let said = ["X-Forwarded-Prefix": "/listen%20here/"]
    for (path, seen) in [
      ("/listen%20here", "/ listen%20here/"), ("/listen%20here/", "/ "), ("/listen%20here/t/x/", "/t/x ../../"),
      ("/lab", "/lab "),
    ] { #expect(try client.get(path, said).text == seen, "\(path)") }
    for prefix in ["/else", "/", "", "/listen%20her", "//", "/../", "/listen/here", ","] {
      #expect(try client.get("/listen%20here/t/x", ["X-Forwarded-Prefix": prefix]).status == 404, "\(prefix)")
    }
  }

  @Test("errors of handlers become one form of JSON, and reveal nothing about the inside")
  func errors() throws {
    let server = try Self.start()
    defer { server.stop() }
    let reply = try WireClient(port: server.port).get("/broken")
    #expect(reply.status == 500)
    #expect(reply.errorCode == "internal_error")
    #expect(try reply.json()["retry"] as? Bool == true)
    #expect(!reply.text.contains("secret detail"))
  }

  @Test("a body that is too large is refused, with or without a length, and an endless one is cut off")
  func bodies() throws {
    var limits = Server.Limits()
    limits.body = 1000
    let server = try Self.start(limits)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try client.request("POST", "/echo", [:], body: Data(count: 1000)).status == 200)
    let announced = try client.request("POST", "/echo", [:], body: Data(count: 1001))
    #expect(announced.status == 413)
    #expect(announced.errorCode == "too_large")
    let chunk = Data("1f4\r\n".utf8) + Data(count: 500) + Data("\r\n".utf8)
    let head = Data("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let chunked = try client.send(head + chunk + chunk + chunk + Data("0\r\n\r\n".utf8))
    #expect(chunked?.status == 413)
    let connection = try WireClient.Connection(port: server.port)
    connection.write(head)
    var pieces = 0
    while pieces < 100_000, connection.write(chunk) { pieces += 1 }
    #expect(pieces < 100_000, "an endless body was read on and on")
    #expect(try client.get("/hello").status == 200)
  }

  @Test("long addresses and headers are refused in the same form of JSON")
  func heads() throws {
    let server = try Self.start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try client.get("/names/" + String(repeating: "a", count: 17_000)).errorCode == "address_too_long")
    #expect(
      try client.get("/hello", ["X-Long": String(repeating: "a", count: 17_000)]).errorCode == "headers_too_large")
    let huge = try client.send(
      Data("GET /hello HTTP/1.1\r\nX: \(String(repeating: "a", count: 300_000))\r\n\r\n".utf8))
    #expect(huge == nil || (400...499).contains(huge?.status ?? 0))
    #expect(try client.get("/hello").status == 200)
  }

  @Test("malformed requests get 4xx or nothing, and the server goes on")
  func malformed() throws {
    var limits = Server.Limits()
    (limits.head, limits.bodyTime) = (1, 1)
    let server = try Self.start(limits)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for text in [
      "\r\n\r\n\r\n", "GET\r\n\r\n", "GET /hello\r\n\r\n", "GET /hello HTTP/9.9\r\n\r\n", "GET /hello HTTP/1.1\r\n\r\n",
      "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}",
    ] {
      let connection = try WireClient.Connection(port: server.port)
      connection.write(Data(text.utf8))
      connection.finishWriting()
      let reply = try connection.read()
      #expect(reply == nil || (400...505).contains(reply?.status ?? 0) || reply?.text == "hello", "\(text)")
      #expect(reply?.status != 500, "\(text)")
    }
    #expect(try client.get("/hello").status == 200)
  }

  @Test("an answer may come later, once, and waiting requests hold no thread")
  func later() throws {
    let held = Held(), server = try Self.start(held: held)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try client.get("/twice").text == "first")
    let connections = try (0..<40).map { _ in try WireClient.Connection(port: server.port) }
    for connection in connections { connection.write(Data("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".utf8)) }
    // If each held a thread, they would never all come.
    held.wait(for: 40)
    #expect(try client.get("/hello").text == "hello")
    held.answer()
    for connection in connections { #expect(try connection.read()?.text == "late") }
  }

  @Test("stopping finishes the requests in progress and answers no new ones")
  func stop() throws {
    let held = Held(), server = try Self.start(held: held)
    let connection = try WireClient.Connection(port: server.port)
    connection.write(Data("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    held.wait(for: 1)
    let stopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      server.stop()
      stopped.signal()
    }
    held.answer()
    #expect(try connection.read()?.text == "late")
    stopped.wait()
    #expect(throws: (any Error).self) { try WireClient(port: server.port).get("/hello") }
    server.stop()
  }

  @Test("a client that goes away while its answer is prepared does no harm")
  func goneClient() throws {
    let held = Held(), server = try Self.start(held: held)
    defer { server.stop() }
    for _ in 0..<20 {
      let connection = try WireClient.Connection(port: server.port)
      connection.write(Data("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      held.wait(for: 1)
    }
    held.answer()
    #expect(try WireClient(port: server.port).get("/hello").text == "hello")
  }

  @Test("a port that is taken is distinguished from other failures")
  func ports() throws {
    let server = try Self.start()
    defer { server.stop() }
    func reason(_ host: String, _ port: Int) -> ListenError.Reason? {
      do {
        _ = try Server(host: host, port: port) { _ in throw Refusal.notFound }
        return nil
      } catch { return (error as? ListenError)?.reason }
    }
    #expect(reason("127.0.0.1", server.port) == .portTaken)
    #expect(reason("192.0.2.1", 0) == .unknownHost)
    #expect(reason("127.0.0.1", 70_000) != nil)
  }
}
