import Basics
import Foundation
import Records
import Study

/// Whom a panel should pay: its participants, each with what is proposed, as a table in the panel's own terms.
///
/// Those who finished without a flag are to be approved, and so are those who could not continue because the design was
/// changed. Those whom the study team excluded are to be rejected, with its reason. Those who are flagged by a rule, and those
/// who left in another way and were given a code or sent back to the panel, are left for a decision. All others are not in
/// the table: their panel deals with them itself.
struct Submissions {
  private let panel: Panel?
  private let records: Records
  private let definition: StudyDefinition

  /// - Parameter name: the file's name: `submissions.csv` for those who come from no panel, `submissions-PANEL.csv` for a
  ///   panel's.
  init?(file name: String, records: Records, of definition: StudyDefinition) {
    (self.records, self.definition) = (records, definition)
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
    let people = try records.submissions().filter {
      definition.wayOut($0.outcome).leadsBack || $0.outcome == .completed
    }
    try TableWriter.write(url, columns: columns, isMarked: false, guardsFormulas: true) { table in
      for one in people
      where one.panel == panel?.name || panel == nil && !Panel.all.contains(where: { $0.name == one.panel }) {
        let isDone = one.outcome == .completed || one.outcome == .studyChanged
        let verdict: Verdict = one.excluded != nil ? .reject : one.flags != nil || !isDone ? .review : .approve
        let remarks = (one.outcome == .completed ? [] : [one.outcome.rawValue]) + (one.flags.map { [$0] } ?? [])
        let reason =
          one.excluded ?? remarks.joined(separator: ";").replacing("_", with: " ").replacing(";", with: ", ")
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
