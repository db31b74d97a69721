import Foundation
import GRDB
import Records
import RecordsSQLite
import Synchronization
import TestSupport
import Testing

/// Faults of a real server while listeners save; afterwards, everything that was acknowledged is looked for.
///
/// The gate tries each kind once or twice. `make faults KILLS=200` kills the server that often and prints the table of
/// docs/faults.md.
@Suite("Faults: nothing acknowledged is lost, nothing is stored twice", .serialized)
struct FaultTests {
  private static let kills = ProcessInfo.processInfo.environment["EARSHOT_KILLS"].flatMap { Int($0) } ?? 0

  /// Each round ends with `kill -9`, except for a power cut and for the clock.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case killed = "killed while it saves"
    case power = "power cut while it saves"
    case full = "disk full, then room again"
    case locked = "database locked by another program"
    case moved = "database moved away, then put back"
    case torn = "log torn: half a record at its end"
    case cut = "log cut: its last 64 kB taken away"
    case clock = "clock leaps, by years and back"

    var testDescription: String { rawValue }

    /// The number of rounds of this kind among `kills` in all.
    func rounds(_ kills: Int) -> Int {
      switch self {
      case .killed:
        max(1, kills - Kind.allCases.filter { $0 != .killed && $0 != .clock }.map { $0.rounds(kills) }.reduce(0, +))
      case .power: max(1, kills / 10)
      default: max(1, kills / 20)
      }
    }
  }

  struct Row: Sendable {
    var rounds = 0
    var attempted = 0
    var acknowledged = 0
    var missing: [String] = []
    var doubled = 0

    mutating func count(_ savers: Savers) {
      attempted += savers.attempted
      acknowledged += savers.acknowledged.count
    }
  }

  private static let table = Mutex<[(Kind, Row)]>([])

  @Test("while listeners save", arguments: Kind.allCases)
  func fault(_ kind: Kind) throws {
    if [.power, .full].contains(kind), !PowerCutTests.canMount { return }
    let row =
      switch kind {
      case .power: try powerCuts(kind.rounds(Self.kills))
      case .clock: try clock(kind.rounds(Self.kills))
      default: try ended(kind, kind.rounds(Self.kills))
      }
    #expect(row.acknowledged >= 60 * row.rounds)
    // Cutting off the log behind the server's back loses acknowledged answers; the rest must be intact.
    if kind != .cut { #expect(row.missing.isEmpty, "\(row.missing.prefix(5))") }
    #expect(row.doubled == 0)
    Self.table.withLock { $0.append((kind, row)) }
    if Self.kills > 0, kind == Kind.allCases.last { Self.show() }
  }

  private static func show() {
    print("| what happens | times | attempted | acknowledged | lost | doubled |")
    print("|---|--:|--:|--:|--:|--:|")
    for (kind, row) in table.withLock(\.self) {
      print(
        "| \(kind.rawValue) | \(row.rounds) | \(row.attempted) | \(row.acknowledged) | \(row.missing.count) | \(row.doubled) |"
      )
    }
  }

  /// Rounds in which the server is killed after a fault of this kind, then restarted on what is left.
  private func ended(_ kind: Kind, _ rounds: Int) throws -> Row {
    let folder = try TemporaryFolder()
    try KillTests.writeStudy(folder.url)
    let disk = kind == .full ? try PowerCutTests.Disk() : nil
    defer { try? disk?.unmount() }
    let data = (disk?.mounted ?? folder.url).appending(path: "data")
    let file = data.appending(path: "records.sqlite"), log = file.path + "-wal"
    var row = Row()
    var server = try RunningServer(folder.url, data: data)
    for _ in 0..<rounds {
      row.rounds += 1
      var all = [Savers(port: server.port)]
      all[0].reach(60)
      if let undo = try disturb(kind, file, disk) {
        all[0].end(telling: false)
        try undo()
        all.append(Savers(port: server.port))
        all[1].reach(60)
        #expect(all[1].acknowledged.responses.count >= 60, "\(kind): saving did not go on")
      }
      server.kill()
      for savers in all { savers.end() }
      switch kind {
      case .torn:
        let handle = try FileHandle(forWritingTo: URL(filePath: log))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(repeating: 0x5a, count: 2061))
        try handle.close()
      case .cut:
        let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
        #expect(truncate(log, off_t(max(0, size - 65536))) == 0)
      default: break
      }
      server = try RunningServer(folder.url, data: data)
      for savers in all {
        row.count(savers)
        row.missing += try savers.acknowledged.missing(port: server.port)
      }
    }
    #expect(server.stop() == 0)
    row.doubled = try Self.doubled(file)
    #expect(Checkup.full(file).flatMap(\.problems).isEmpty)
    return row
  }

  /// Begins a fault that lasts.
  /// - Returns: a closure that ends it; nil for a fault that needs the server to be killed.
  private func disturb(_ kind: Kind, _ file: URL, _ disk: PowerCutTests.Disk?) throws -> (() throws -> Void)? {
    switch kind {
    case .full:
      let filler = disk?.fill()
      return { if let filler { try FileManager.default.removeItem(at: filler) } }
    case .locked:
      var patience = Configuration()
      patience.busyMode = .timeout(20)
      patience.allowsUnsafeTransactions = true
      let other = try DatabaseQueue(path: file.path, configuration: patience)
      try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
      return {
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try other.close()
      }
    case .moved:
      let away = file.path + ".away"
      #expect(rename(file.path, away) == 0)
      return { #expect(rename(away, file.path) == 0) }
    default: return nil
    }
  }

  /// Rounds in which the server's answers are cut off and the disk is copied as it is. Whatever is only in the memory
  /// of the server or the system is not in the copy.
  private func powerCuts(_ rounds: Int) throws -> Row {
    let folder = try TemporaryFolder()
    try KillTests.writeStudy(folder.url)
    var row = Row()
    for _ in 0..<rounds {
      row.rounds += 1
      let disk = try PowerCutTests.Disk()
      defer { try? disk.unmount() }
      let server = try RunningServer(folder.url, data: disk.mounted.appending(path: "data"))
      let savers = Savers(port: server.port)
      savers.reach(60)
      kill(server.identifier, SIGSTOP)
      let acknowledged = savers.acknowledged
      let copy = try disk.copy()
      server.kill()
      savers.end()
      defer { try? copy.unmount() }
      row.attempted += savers.attempted
      row.acknowledged += acknowledged.count
      let data = copy.mounted.appending(path: "data")
      let second = try RunningServer(folder.url, data: data)
      row.missing += try acknowledged.missing(port: second.port)
      #expect(second.stop() == 0)
      row.doubled += try Self.doubled(data.appending(path: "records.sqlite"))
    }
    return row
  }

  /// Rounds in which the server's clock jumps while it saves.
  private func clock(_ rounds: Int) throws -> Row {
    let leap = Mutex(0.0)
    let study = try SmallStudy(
      {
        $0.headphones.check = false
        $0.questionnaire = []
        $0.joining.perMinute = 0  // All come from one address, and each session is requested again.
      }, workshop: "faults", now: { Date(timeIntervalSince1970: 1_800_000_000 + leap.withLock(\.self)) })
    var row = Row()
    for round in 0..<rounds {
      row.rounds += 1
      let savers = Savers(port: study.server.port)
      for (step, years) in [3.0, -20, 40, -1].enumerated() {
        savers.reach(15 * (step + 1))
        leap.withLock { $0 = (years + Double(round)) * 365 * 86400 }
      }
      savers.reach(70)
      savers.end()
      row.count(savers)
      row.missing += try savers.acknowledged.missing(port: study.server.port)
    }
    row.doubled = try Self.doubled(study.data.appending(path: "records.sqlite"))
    return row
  }

  /// The number of answers and sessions that are stored more than once.
  private static func doubled(_ file: URL) throws -> Int {
    let queue = try DatabaseQueue(path: file.path)
    defer { try? queue.close() }
    return try queue.read { db in
      try [
        "SELECT count(*) - count(DISTINCT session || ' ' || step) FROM response",
        "SELECT count(*) - count(DISTINCT key_hash) FROM session",
      ]
      .map { try Int.fetchOne(db, sql: $0) ?? 0 }.reduce(0, +)
    }
  }
}
