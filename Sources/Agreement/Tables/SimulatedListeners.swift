import Basics
import Foundation

/// Listeners that `earshot simulate` made, as the participants table beside an exported table tells: recruited from
/// `simulation`, or with `simulation` as their browser (whatever the group was called).
struct SimulatedListeners {
  private static let mark = "simulation"
  private let names: Set<String>

  /// None where no participants table lies beside `table`, or none that can be read.
  init(beside table: URL) {
    let file = table.deletingLastPathComponent().appending(path: "participants.csv")
    let rows = (try? TableReader.rows(file, require: ["participant"])) ?? []
    names = Set(
      rows.filter { $0.name(ifAny: "recruited_from") == Self.mark || $0.name(ifAny: "user_agent_family") == Self.mark }
        .compactMap { $0.name(ifAny: "participant") })
  }

  func among(_ listeners: [String]) -> Set<String> { names.intersection(listeners) }
}
