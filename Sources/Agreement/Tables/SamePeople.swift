import Basics
import Foundation

/// Who is in the tables more than once under several participants' numbers, as the participants table beside an exported
/// table tells: by `first_participant` where it has that, else by `external_id`.
struct SamePeople {
  /// The person by participant.
  private var people: [String: String] = [:]

  /// Nobody where no participants table lies beside `table`, or none that can be read.
  init(beside table: URL) {
    let file = table.deletingLastPathComponent().appending(path: "participants.csv")
    for row in (try? TableReader.rows(file, require: ["participant"])) ?? [] {
      guard let participant = row.name(ifAny: "participant") else { continue }
      let external = row.name(ifAny: "external_id") ?? ""
      people[participant] =
        row.name(ifAny: "first_participant") ?? (external.isEmpty ? participant : "external id \(external)")
    }
  }

  /// How many of `listeners` are there more than once.
  func remarks(among listeners: [String]) -> [Findings.Remark] {
    let sittings = Dictionary(grouping: listeners.filter { people[$0] != nil }) { people[$0] ?? "" }.values
      .filter { $0.count > 1 }
    guard !sittings.isEmpty else { return [] }
    let numbers = sittings.reduce(0) { $0 + $1.count }
    return [
      Findings.Remark(
        code: "same_people", weight: .caution,
        what:
          "\(sittings.count) \(sittings.count == 1 ? "person" : "people") took part more than once, as \(numbers) listeners.",
        meaning: "Each sitting counts as a listener of its own, so the intervals are a little too narrow. "
          + "Leave out the rows whose 'sitting' is above 1 to count each person once.", count: numbers - sittings.count)
    ]
  }
}
