import Basics
import Foundation
import Study

/// What is known about listeners in addition to their answers, according to the participants table beside an exported
/// table: the group that each was assigned to, and their answers about themselves (expertise, headphones, any question
/// of the study).
package struct ListenerTraits: Sendable {
  package struct Trait: Sendable {
    /// The column of the participants table that holds the trait.
    package var name: String
    /// The levels, in alphabetical or numeric order.
    package var levels: [String]
    /// By listener: the level; listeners without one are missing.
    package var level: [String: Int]
  }

  /// A level needs at least this many listeners, and a trait at most this many levels; and at most this many traits are
  /// used.
  static let fewestListeners = 3, mostLevels = 4, mostTraits = 12

  private let answers: [(column: String, of: [String: String])]

  /// Columns that Earshot writes itself and that are not traits of a listener.
  private static let technical: Set<String> = {
    let all = ParticipantRow.columns + ParticipantRow.laterColumns + ParticipantRow.lastColumns
    return Set(all.map(\.field.name)).subtracting(["headphone_check", "language", "recruited_from"])
  }()

  /// None if there is no readable participants table beside `table`.
  package init(beside table: URL) {
    let file = table.deletingLastPathComponent().appending(path: "participants.csv")
    guard let columns = try? TableReader(file).columns, columns.contains("participant"),
      let rows = try? TableReader.rows(file, require: ["participant"])
    else {
      answers = []
      return
    }
    let asked = columns.filter { !Self.technical.contains($0) }
    var found = asked.map { _ in [String: String]() }
    for row in rows {
      guard let participant = row.name(ifAny: "participant") else { continue }
      for (i, column) in asked.enumerated() {
        // The answer in the first sitting counts.
        if let said = row.name(ifAny: column), found[i][participant] == nil { found[i][participant] = said }
      }
    }
    answers = zip(asked, found).map { ($0, $1) }
  }

  /// The traits by which listeners can be compared: those with two to four levels of at least three listeners each.
  /// Numbers with more levels are split at their median. Listeners of rarer levels are left out of that comparison.
  package func among(_ listeners: [String]) -> [Trait] {
    answers.compactMap { column, said in
      var own = said.filter { listeners.contains($0.key) }
      let numbers = own.compactMapValues { Double($0) }.filter { $0.value.isFinite }
      if Set(own.values).count > Self.mostLevels, numbers.count == own.count {
        let sorted = numbers.values.sorted(), middle = sorted[sorted.count / 2]
        own = numbers.mapValues { $0 < middle ? "below \(middle.cellText)" : "\(middle.cellText) or more" }
      }
      let counts = own.values.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
      let levels = counts.filter { $0.value >= Self.fewestListeners }.keys.sorted {
        $0.compare($1, options: .numeric) == .orderedAscending
      }
      guard (2...Self.mostLevels).contains(levels.count) else { return nil }
      let number = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
      return Trait(name: column, levels: levels, level: own.compactMapValues { number[$0] })
    }.prefix(Self.mostTraits).map(\.self)
  }

  /// The values in a column among some listeners, in alphabetical or numeric order.
  package func levels(of column: String, among listeners: Set<String>) -> [String] {
    let said = answers.first { $0.column == column }?.of.filter { listeners.contains($0.key) } ?? [:]
    return Set(said.values).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
  }
}
