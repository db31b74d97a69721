import Basics
import Foundation
import Library

/// A summary of a run of the mixer, in a few lines for the terminal.
public enum MixReport {
  /// The number of mixes, their tempi and backings, and how often each class's one-shots play.
  public static func text(_ table: MixTable, library: LibraryTable) -> String {
    let mixes = table.mixes
    let tempi = mixes.map(\.bpm)
    let kinds = Dictionary(grouping: mixes) { $0.backing.prefix { $0 != " " } }.mapValues(\.count)
    let backings = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
    var rows = [["drum", "one-shots", "of", "most often", "kits and instruments"]]
    let groups = Dictionary(uniqueKeysWithValues: library.oneShots.map { ($0.candidate, $0.group) })
    for condition in DrumClass.allCases {
      let references = mixes.flatMap { $0[condition].map(\.reference) }
      let times = Dictionary(grouping: references, by: \.self).mapValues(\.count)
      rows.append([
        condition.rawValue, String(times.count), String(library[condition].count), "\(times.values.max() ?? 0)×",
        String(Set(references.compactMap { groups[$0] }).count),
      ])
    }
    let range = String(format: "%.1f to %.1f", tempi.min() ?? 0, tempi.max() ?? 0)
    return """
      \(mixes.count, "loop") at \(range) beats a minute, backed by \(backings.joined(separator: ", ")).

      \(LibraryReport.table(rows))
      """
  }
}
