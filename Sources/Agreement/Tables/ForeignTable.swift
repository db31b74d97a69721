import Basics
import Foundation

/// A table of ratings as another program writes it, known by its columns.
struct ForeignTable {
  private let program: String
  private let names: [String: String]
  private let scale: ClosedRange<Double>
  private let reference: [String]
  private let anchor: [String]

  /// mushra.csv of webMUSHRA.
  private static let webMushra = ForeignTable(
    program: "webMUSHRA",
    names: [
      "participant": "session_uuid", "query": "trial_id", "candidate": "rating_stimulus", "rating": "rating_score",
    ], scale: 0...100, reference: ["reference"], anchor: ["anchor35", "anchor70"])

  private static let all = [webMushra]

  /// A plan for such a table; nil where the table is none, or the plan says itself how its columns are called.
  static func plan(_ plan: AnalysisPlan, for table: URL) throws -> (plan: AnalysisPlan, remark: Findings.Remark)? {
    guard plan.columns == AnalysisPlan.Columns() else { return nil }
    let columns = try TableReader(table).columns
    guard let form = all.first(where: { $0.names.values.allSatisfy(columns.contains) }),
      !form.names.keys.allSatisfy(columns.contains)
    else { return nil }
    var fitted = plan
    fitted.columns.names = form.names
    if plan.scale == nil { fitted.scale = form.scale }
    if plan.reference.isEmpty { fitted.reference = form.reference }
    if plan.anchor.isEmpty { fitted.anchor = form.anchor }
    let said = form.names.sorted { $0.key < $1.key }.map { "\($0.value) is the \($0.key)" }.joined(separator: ", ")
    return (
      fitted,
      Findings.Remark(
        code: "foreign_table", weight: .note, what: "The ratings are read as \(form.program) writes them.",
        meaning: "\(said); ratings go from \(form.scale.lowerBound.cellText) to \(form.scale.upperBound.cellText). "
          + "A plan with 'columns' says it otherwise.", count: 1)
    )
  }
}
