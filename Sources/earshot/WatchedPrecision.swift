import Agreement
import Basics
import Foundation

/// `earshot analyze --watch`: how wide the widest interval is, told again whenever a table has changed. Before anything is
/// exported, and as long as the tables hold nothing that can be told of, it says so and waits.
struct WatchedPrecision {
  /// What writes the tables.
  let exportCommand: String
  /// The tables that there are by now; nil where there are none.
  let find: (_ isFirst: Bool) throws -> AnalysisTables?
  /// How often the tables are looked at, and how often whether there are any.
  private static let seconds: UInt32 = 5, secondsBefore: UInt32 = 1

  private func hashes(_ tables: AnalysisTables) -> [String] {
    (AnalysisTables.ofAnswers.map { tables[keyPath: $0] } + [tables.rankings, tables.plan]).compactMap(\.self)
      .map { (try? ContentHash.ofFile($0)) ?? "" }
  }

  /// Ends only with an error.
  func run() throws {
    var tables = try find(true)
    if tables == nil { say("Nothing is exported yet. This goes on as soon as '\(exportCommand)' has run.") }
    while tables == nil {
      sleep(Self.secondsBefore)
      tables = try find(false)
    }
    guard let tables else { return }
    var known: [String] = []
    while true {
      let now = hashes(tables)
      if now != known {
        known = now
        do { say(try text(tables)) } catch  where error is Problem || error is Problems {
          say("\(error)\nThis goes on as soon as the tables have changed.")
        }
      }
      sleep(Self.seconds)
    }
  }

  private func say(_ text: String) {
    print(text)
    fflush(nil)
  }

  /// Of several blocks each by itself.
  private func text(_ tables: AnalysisTables) throws -> String {
    let version = Earshot.configuration.version, blocks = try tables.blocks()
    if blocks.isEmpty { return try Analysis.precision(of: tables, version: version).text }
    return try blocks.map { block in
      var own = tables
      own.block = block
      return "\(block)\n\(try Analysis.precision(of: own, version: version).text)"
    }.joined(separator: "\n")
  }
}
