import Basics
import Foundation

/// Listeners created by `earshot simulate`, according to the participants table beside an exported table: recruited
/// from `simulation`, or with `simulation` as their browser (whatever the group was called).
package struct SimulatedListeners {
  private static let mark = "simulation"
  private let names: Set<String>

  /// None if there is no readable participants table beside `table`.
  package init(beside table: URL) {
    let file = table.deletingLastPathComponent().appending(path: "participants.csv")
    let rows = (try? TableReader.rows(file, require: ["participant"])) ?? []
    names = Set(
      rows.filter { $0.name(ifAny: "recruited_from") == Self.mark || $0.name(ifAny: "user_agent_family") == Self.mark }
        .compactMap { $0.name(ifAny: "participant") })
  }

  package func among(_ listeners: [String]) -> Set<String> { names.intersection(listeners) }
}
