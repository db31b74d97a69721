import Foundation
import TestSupport
import Logging
import Lab
import Synchronization
import Testing

@Suite("Monitoring the server")
struct WatchTests {
  @Test("the server is healthy and ready while answers can be saved, and not ready when the database is gone")
  func ready() throws {
    let study = try SmallStudy()
    for path in ["/healthz", "/readyz"] {
      let reply = try study.client.get(path)
      #expect(reply.status == 200 && reply.text == #"{"status":"ok"}"#)
      #expect(reply["Cache-Control"] == "no-store")
    }
    let file = study.data.appending(path: "records.sqlite").path
    #expect(rename(file, file + ".away") == 0)
    #expect(try study.client.get("/healthz").status == 200)
    let reply = try study.client.get("/readyz")
    #expect(reply.status == 503 && reply.errorCode == "saving_stopped")
    #expect(rename(file + ".away", file) == 0)
    #expect(try study.client.get("/readyz").status == 200)
  }

  @Test("metrics need the secret, and count what happens")
  func metrics() throws {
    let study = try SmallStudy()
    _ = try study.takePart()
    _ = try study.join()
    for headers in [[:], ["Authorization": "Bearer wrong"], ["Authorization": SmallStudy.secret]] as [[String: String]]
    {
      #expect(try study.client.get("/metrics", headers).status == 401)
    }
    let reply = try study.client.get("/metrics", ["Authorization": "Bearer \(SmallStudy.secret)"])
    #expect(reply.status == 200 && reply["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    var values: [String: Double] = [:]
    for line in reply.text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      #expect(parts.count == 2 && Double(parts[1]) != nil, "\(line)")
      values[String(parts[0])] = Double(parts[1])
    }
    #expect(values[#"earshot_sessions{state="finished"}"#] == 1 && values[#"earshot_sessions{state="open"}"#] == 1)
    #expect((values["earshot_saves_total"] ?? 0) >= 6 && values["earshot_errors_total"] == 0)
    #expect(values["earshot_ready"] == 1 && (values["earshot_commits_total"] ?? 0) > 0)
    #expect(values[#"earshot_request_seconds_bucket{le="+Inf"}"#] == values["earshot_request_seconds_count"])
    #expect(try study.client.get("/metrics", ["Cookie": LabTests.cookie(study)]).status == 200)
  }

  @Test("a disk that is filling up is reported once, before saving fails, and once again when it has room")
  func disk() throws {
    final class Room: Sendable {
      let free = Mutex<Int?>(5 << 30)
      let told = Mutex<[String]>([])
    }
    struct Log: LogHandler {
      let room: Room
      var metadata: Logger.Metadata = [:]
      var logLevel = Logger.Level.info
      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }
      func log(event: LogEvent) { room.told.withLock { $0.append("\(event.level)") } }
    }
    let room = Room()
    let watch = DiskWatch(logger: Logger(label: "test", factory: { _ in Log(room: room) })) {
      room.free.withLock(\.self)
    }
    let steps: [(Int?, DiskWatch.State)] = [
      (5 << 30, .fine), (500 << 20, .low), (400 << 20, .low), (10 << 20, .full), (nil, .fine), (0, .full),
      (2 << 30, .fine),
    ]
    for (free, state) in steps {
      room.free.withLock { $0 = free }
      watch.look()
      #expect(watch.state == state)
    }
    #expect(room.told.withLock(\.self) == ["warning", "critical", "notice", "critical", "notice"])
  }
}
