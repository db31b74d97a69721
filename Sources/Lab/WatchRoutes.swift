import Foundation
import HTTP
import Interface
import Records

/// The addresses for programs that monitor the server.
struct WatchRoutes: Sendable {
  let records: Records
  let door: LabDoor
  let traffic: Traffic
  let disk: DiskWatch

  func health(_ request: Request) throws -> Answer { .now(.json(HealthView())) }

  /// - Throws: `Refusal` 503 if nothing can be saved.
  func ready(_ request: Request) throws -> Answer {
    try check()
    return .now(.json(HealthView()))
  }

  /// - Throws: `Refusal` 503 if nothing can be saved.
  func check() throws {
    if let outage = records.alarm() { throw Refusal.unavailable(outage) }
    if disk.state == .full { throw Refusal.diskFull }
  }

  /// In the text form of Prometheus, 0.0.4. The secret comes as `Authorization: Bearer SECRET`.
  func metrics(_ request: Request) throws -> Answer {
    let words = (request.header("authorization") ?? "").split(separator: " ")
    if words.count == 2, words[0].lowercased() == "bearer" {
      try door.check(secret: String(words[1]), from: request.peer)
    } else {
      _ = try door.visitor(request)
    }
    var text = ""
    func metric(_ name: String, _ kind: String, _ help: String, _ values: [(label: String, value: String)]) {
      text += "# HELP earshot_\(name) \(help)\n# TYPE earshot_\(name) \(kind)\n"
      for (label, value) in values { text += "earshot_\(name)\(label) \(value)\n" }
    }
    func one(_ value: Int) -> [(label: String, value: String)] { [("", String(value))] }
    let (saves, errors) = traffic.counts
    metric("saves_total", "counter", "Responses with status 201 since the start.", one(saves))
    metric("errors_total", "counter", "Responses with a server error since the start.", one(errors))
    metric("ready", "gauge", "Whether answers can be saved.", one((try? check()) == nil ? 0 : 1))
    metric("waiting", "gauge", "Changes waiting to be committed.", one(records.waiting))
    let commits = records.commits
    metric("commits_total", "counter", "Transactions since the start.", one(commits.count))
    metric(
      "commit_seconds_total", "counter", "Time taken by transactions, including syncing to disk.",
      [("", String(format: "%.6f", commits.seconds))])
    if let free = disk.free {
      metric("disk_free_bytes", "gauge", "Free space on the disk of the data folder.", one(free))
    }
    metric(
      "disk_low", "gauge", "Whether the disk of the data folder is nearly full.", one(disk.state == .fine ? 0 : 1))
    let sessions = try records.sessionCounts()
    metric(
      "sessions", "gauge", "Sessions by state.",
      sessions.map { ("{state=\"\($0.state)\"}", String($0.count)) })
    let took = traffic.durations
    let name = "request_seconds"
    text += "# HELP earshot_\(name) Time from a request's last byte to its answer.\n# TYPE earshot_\(name) histogram\n"
    for (limit, count) in took.buckets { text += "earshot_\(name)_bucket{le=\"\(limit)\"} \(count)\n" }
    text += "earshot_\(name)_sum \(String(format: "%.6f", took.seconds))\nearshot_\(name)_count \(took.count)\n"
    return .now(.text(text, type: "text/plain; version=0.0.4; charset=utf-8"))
  }
}
