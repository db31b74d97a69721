import Agreement
import Basics
import Foundation

/// `earshot analyze --watch`: how wide the widest interval is, told again whenever a table has changed.
struct WatchedPrecision {
  let tables: Analysis.Tables
  /// How often the tables are looked at.
  private static let seconds: UInt32 = 5

  init(_ tables: Analysis.Tables) { self.tables = tables }

  private var files: [URL] {
    [
      tables.ratings, tables.rankings, tables.choices, tables.triplets, tables.scores, tables.comparisons,
      tables.discriminations, tables.orders, tables.pairs, tables.oddities, tables.sortings, tables.plan,
    ].compactMap(\.self)
  }

  private var hashes: [String] { files.map { (try? ContentHash.ofFile($0)) ?? "" } }

  func run() throws {
    var known: [String] = []
    while true {
      let now = hashes
      if now != known {
        known = now
        print(try Analysis.precision(of: tables, version: Earshot.configuration.version).text)
        fflush(nil)
      }
      sleep(Self.seconds)
    }
  }
}
