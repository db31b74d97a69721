import Foundation
import HTTP
import Synchronization
import Testing
import TestSupport

@Suite("Cached responses")
struct ShelfTests {
  /// Answers every address below `/lasting` and `/fresh` with the number of requests that reached the handler.
  final class Counter: Sendable {
    private let asked = Atomic<Int>(0)

    func start(shelf: Int = 100_000, around stack: [any Middleware] = []) throws -> Server {
      @Sendable func answer(isLasting: Bool) -> Answer {
        let number = asked.add(1, ordering: .relaxed).newValue
        var response = Response.text(String(number).padding(toLength: 1000, withPad: " ", startingAt: 0))
        response.isLasting = isLasting
        return .now(response)
      }
      let router = Router([
        .get("/lasting/:name", { _ in answer(isLasting: true) }), .get("/fresh", { _ in answer(isLasting: false) }),
      ])
      var limits = Server.Limits()
      limits.shelf = shelf
      return try Server(port: 0, limits: limits, handler: stack.around(router.handle))
    }
  }

  private func number(_ reply: WireClient.Reply) -> Int? { Int(reply.text.trimmingCharacters(in: .whitespaces)) }

  @Test("the handler is called once per address; other responses are made every time")
  func once() throws {
    let server = try Counter().start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let replies = try (0..<5).map { _ in try client.get("/lasting/a") }
    #expect(replies.map(number) == [1, 1, 1, 1, 1])
    #expect(Set(replies.map { $0["Content-Type"] }) == ["text/plain; charset=utf-8"])
    #expect(try number(client.get("/lasting/b")) == 2)
    #expect(try number(client.get("/lasting/a")) == 1)
    #expect(try number(client.get("/fresh")) == 3)
    #expect(try number(client.get("/fresh")) == 4)
  }

  @Test("HEAD, range and conditional requests are for the handler")
  func others() throws {
    let server = try Counter().start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try number(client.get("/lasting/a")) == 1)
    let head = try client.get("/lasting/a", method: "HEAD")
    #expect(head.body.isEmpty && head["Content-Length"] == "1000")
    _ = try client.get("/lasting/a", ["Range": "bytes=0-1"])
    _ = try client.get("/lasting/a", ["If-None-Match": "\"x\""])
    #expect(try number(client.get("/fresh")) == 5)
    #expect(try number(client.get("/lasting/a")) == 1)
  }

  @Test("space is bounded: the least recently requested response goes first")
  func bounded() throws {
    // Two boards with room for two responses each.
    let server = try Counter().start(shelf: 14_000)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try number(client.get("/lasting/often")) == 1)
    for i in 2...20 {
      #expect(try number(client.get("/lasting/\(i)")) == i)
      #expect(try number(client.get("/lasting/often")) == 1)
    }
    #expect(try number(client.get("/lasting/2")) == 21)
  }

  @Test("a response that is too large to cache is sent all the same")
  func large() throws {
    let server = try Counter().start(shelf: 1000)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try number(client.get("/lasting/a")) == 1)
    #expect(try number(client.get("/lasting/a")) == 2)
  }

  @Test("simultaneous requests get the same bytes")
  func together() throws {
    let server = try Counter().start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let first = try client.get("/lasting/a").text
    let wrong = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<50 where (try? client.get("/lasting/a").text) != first { wrong.add(1, ordering: .relaxed) }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }
}
