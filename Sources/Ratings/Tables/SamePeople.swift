import Basics
import Foundation

/// People who are in the tables under several participant numbers, according to the participants table beside an
/// exported table: by `first_participant` if it has that column, else by `external_id`. Also external ids that look the
/// same.
package struct SamePeople {
  /// By participant: the person.
  private var people: [String: String] = [:]
  private var externalIDs: [String: String] = [:]

  /// Nobody if there is no readable participants table beside `table`.
  package init(beside table: URL) {
    let file = table.deletingLastPathComponent().appending(path: "participants.csv")
    for row in (try? TableReader.rows(file, require: ["participant"])) ?? [] {
      guard let participant = row.name(ifAny: "participant") else { continue }
      let external = row.name(ifAny: "external_id") ?? ""
      if !external.isEmpty { externalIDs[participant] = external }
      people[participant] =
        row.name(ifAny: "first_participant") ?? (external.isEmpty ? participant : "external id \(external)")
    }
  }

  package func remarks(among listeners: [String]) -> [Remark] { repeated(listeners) + alike(listeners) }

  /// External ids that a reader may take for the same. The remark gives the participants' numbers but not the ids,
  /// since a report is shown to others and ids are personal.
  private func alike(_ listeners: [String]) -> [Remark] {
    let known = listeners.filter { externalIDs[$0] != nil }
    let groups = Name.alikeGroups(known.compactMap { externalIDs[$0] })
    guard let first = groups.first else { return [] }
    let example = first.prefix(2).compactMap { id in known.first { externalIDs[$0] == id } }
    return [
      Remark(
        code: "names_alike", weight: .alarm,
        what:
          "\(groups.count, "group") of external ids \(OneAndMany.words(groups.count, "differs", "differ")) only in \(Name.difference(first[0], first[1])): those of the participants \(example.joined(separator: " and ")).",
        meaning:
          "They are treated as different people. If they are one person, exclude all but one (see participants.csv).",
        count: groups.count)
    ]
  }

  /// A remark on how many of `listeners` are in the tables more than once.
  private func repeated(_ listeners: [String]) -> [Remark] {
    let sittings = Dictionary(grouping: listeners.filter { people[$0] != nil }) { people[$0] ?? "" }.values
      .filter { $0.count > 1 }
    guard !sittings.isEmpty else { return [] }
    let numbers = sittings.reduce(0) { $0 + $1.count }
    return [
      Remark(
        code: "same_people", weight: .caution,
        what:
          "\(sittings.count, "person", "people") took part more than once, as \(numbers, "listener").",
        meaning: "Each sitting counts as a separate listener, so the intervals are slightly too narrow. "
          + "To count each person once, remove the rows whose 'sitting' is above 1.", count: numbers - sittings.count)
    ]
  }
}
