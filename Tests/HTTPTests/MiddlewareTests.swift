import HTTP
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("What surrounds the handlers")
struct MiddlewareTests {
  /// Keeps everything that is logged.
  final class Kept: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock(\.self) }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  struct KeepingHandler: LogHandler {
    let kept: Kept
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { kept.add("\(event.message) \(event.metadata ?? [:])") }
  }

  struct DiskFull: Error {}
  struct OutOfOrder: Error {}

  @Test("errors of the server are logged, even if the client is told something kinder")
  func refusals() throws {
    let kept = Kept()
    let refusals = Refusals(Logger(label: "test", factory: { _ in KeepingHandler(kept: kept) })) { error in
      switch error {
      case is DiskFull: Refusal(503, "unavailable", "Not now.", mend: "Later.", retry: true)
      case is OutOfOrder: Refusal(409, "out_of_order", "No.", mend: "Yes.")
      default: nil
      }
    }
    let errors: [String: any Error] = ["full": DiskFull(), "order": OutOfOrder()]
    let server = try Server(port: 0, handler: refusals.around { throw errors[$0.path.joined()] ?? CancellationError() })
    defer { server.stop() }
    let client = WireClient(port: server.port)
    #expect(try client.get("/order").status == 409)
    #expect(kept.all.isEmpty)
    #expect(try client.get("/full").status == 503)
    #expect(kept.all.count == 1 && kept.all[0].contains("DiskFull"))
    let failed = try client.get("/else")
    #expect(failed.status == 500)
    // The request id, which depends on nothing that was sent, finds the log line of an answer.
    let id = try #require(failed["X-Request-Id"])
    #expect(kept.all[1].contains(id) && !kept.all[0].contains(id))
    #expect(kept.all.count == 2)
  }
}
