import Basics
import Foundation

/// Sessions that the study team has excluded, each with a reason, according to the participants table beside an
/// exported table (`excluded`). Their rows are skipped wherever answers are read; nothing is deleted.
package struct ExcludedSessions {
  /// The reason, by session.
  private let reasons: [String: String]

  /// None if there is no participants table beside `table`, or one that says nothing of excluded sessions.
  /// - Throws: a `Problem` if there is one that cannot be read: whom it excludes would count again.
  package init(beside table: URL) throws {
    let file = table.deletingLastPathComponent().appending(path: "participants.csv")
    guard FileManager.default.fileExists(atPath: file.path) else {
      reasons = [:]
      return
    }
    let columns = try TableReader(file).columns
    // Behind a question of the same name, or what is kept of links, the export puts "link_" before it.
    func own(_ name: String) -> String { columns.last { $0.replacing("link_", with: "") == name } ?? name }
    let (isExcluded, reason) = (own("excluded"), own("exclusion_reason"))
    guard columns.contains("session"), columns.contains(isExcluded) else {
      reasons = [:]
      return
    }
    reasons = Dictionary(
      try TableReader.rows(file, require: ["session", isExcluded]).compactMap { row in
        guard let session = row.name(ifAny: "session"), try row.flag(isExcluded) == true else { return nil }
        return (session, row.name(ifAny: reason) ?? "")
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Makes a reader of answers skip the rows of these sessions.
  package func apply(to reader: inout TableReader, plan: AnalysisPlan) {
    if !reasons.isEmpty { reader.leaveOut(Set(reasons.keys), in: plan.columns("session")) }
  }

  /// Remarks on the sessions that were left out of some tables. Reasons are quoted as written, since they are the study
  /// team's own; listeners are named by number.
  package static func remarks(beside tables: [URL]) throws -> [Remark] {
    var isTold: Set<URL> = []
    return try tables.compactMap { table in
      let folder = table.deletingLastPathComponent().standardizedFileURL
      let reasons = try ExcludedSessions(beside: table).reasons
      guard !reasons.isEmpty, isTold.insert(folder).inserted else { return nil }
      let said = Set(reasons.values).filter { !$0.isEmpty }.sorted().map { reason in
        "\(reason) (\(reasons.values.count { $0 == reason }))"
      }
      let (sessions, were) = reasons.count == 1 ? ("session", "was") : ("sessions", "were")
      return Remark(
        code: "excluded_sessions", weight: .caution,
        what:
          "\(reasons.count) \(sessions) \(were) excluded by the people who run the study\(said.isEmpty ? "" : ": ")\(said.joined(separator: "; ")).",
        meaning: "Their rows are not analysed. They remain in the tables and are marked in participants.csv.",
        count: reasons.count)
    }
  }
}
