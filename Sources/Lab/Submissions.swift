import Basics
import Foundation
import Records

/// Whom a panel should pay: its participants, each with what is proposed, as a table in the panel's own terms.
///
/// Those who finished without a flag are to be approved. Those whom the study team excluded are to be rejected, with its
/// reason. Those who are flagged by a rule are left for a decision. Those who are taking part or have left are not in the
/// table: their panel deals with them itself.
struct Submissions {
  private let panel: Panel?
  private let records: Records

  /// - Parameter name: the file's name: `submissions.csv` for those who come from no panel, `submissions-PANEL.csv` for a
  ///   panel's.
  init?(file name: String, records: Records) {
    self.records = records
    if name == "submissions.csv" {
      panel = nil
      return
    }
    guard let known = Panel.all.first(where: { name == "submissions-\($0.name).csv" }) else { return nil }
    panel = known
  }

  private enum Verdict: String { case approve, reject, review }

  /// Cells that a spreadsheet would take for a formula are guarded.
  func write(to url: URL) throws {
    let columns: [String] =
      switch panel?.name {
      case "mturk": ["AssignmentId", "WorkerId", "HITId", "Approve", "Reject"]
      case "prolific": ["Submission id", "Participant id", "Study id", "Decision", "Reason"]
      case "cloudresearch": ["AssignmentId", "ParticipantId", "ProjectId", "Decision", "Reason"]
      case "sona": ["survey_code", "credit", "reason"]
      default: ["external_id", "decision", "reason"]
      }
    let people = try records.submissions()
    try TableWriter.write(url, columns: columns, isMarked: false, guardsFormulas: true) { table in
      for one in people
      where one.panel == panel?.name || panel == nil && !Panel.all.contains(where: { $0.name == one.panel }) {
        let verdict: Verdict = one.excluded != nil ? .reject : one.flags != nil ? .review : .approve
        let reason = one.excluded ?? one.flags?.replacing("_", with: " ").replacing(";", with: ", ") ?? ""
        let whose = [one.panelSession ?? "", one.externalID, one.panelStudy ?? ""]
        let cells: [String] =
          switch panel?.name {
          // As its own batch files: an x where the work is approved, the reason where it is rejected, nothing to wait.
          case "mturk": whose + [verdict == .approve ? "x" : "", verdict == .reject ? reason : ""]
          case "sona": [one.externalID, ["approve": "1", "reject": "0"][verdict.rawValue] ?? "", reason]
          case nil: [one.externalID, verdict.rawValue, reason]
          default: whose + [verdict.rawValue, reason]
          }
        try table.row(cells.map { $0.isEmpty ? nil : $0 } as [any CellValue])
      }
    }
  }
}
