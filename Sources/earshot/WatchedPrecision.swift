import Agreement
import Basics
import Foundation
import Ratings

/// `earshot analyze --watch`: prints how wide the widest interval is, again whenever a table has changed. Before anything is
/// exported, and as long as the tables contain nothing to report on, it says so and waits.
struct WatchedPrecision {
  /// The export that writes the tables.
  let exportCommand: String
  /// The tables that exist so far; nil if there are none.
  let find: (_ isFirst: Bool) throws -> AnalysisTables?
  /// How often the tables are checked for changes, and how often whether they exist.
  private static let seconds: UInt32 = 5, secondsBefore: UInt32 = 1

  private func hashes(_ tables: AnalysisTables) -> [String] {
    (AnalysisTables.ofAnswers.map { tables[keyPath: $0] } + [tables.rankings, tables.plan]).compactMap(\.self)
      .map { (try? ContentHash.ofFile($0)) ?? "" }
  }

  /// Returns only with an error.
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

  /// Each of several blocks separately.
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
