import Basics

/// One thing that was checked, and what is wrong with it.
public struct CheckResult: Sendable {
  /// What must be true, as a statement: `earshot doctor` prints it, with "good" or "WRONG" before it.
  public var what: String
  /// Empty if it is true.
  public var problems: [Problem]

  public init(_ what: String, _ problems: [Problem] = []) {
    self.what = what
    self.problems = problems
  }
}

/// Whether rows and their counts are consistent, where the database does not ensure it itself.
public enum Consistency {
  /// - Parameters:
  ///   - place: names the database in problems.
  ///   - mend: what to do if it is damaged.
  /// - Throws: what the database throws.
  public static func check(_ db: any Snapshot, place: Place, mend: String) throws -> [CheckResult] {
    [
      CheckResult(
        "no row refers to a missing row",
        try references.compactMap { child, column, parent, key in
          let lost: Int? = try db.value(
            """
            SELECT count(*) FROM \(child) LEFT JOIN \(parent) ON \(parent).\(key) = \(child).\(column)
            WHERE \(parent).\(key) IS NULL
            """)
          guard let lost, lost > 0 else { return nil }
          return Problem(
            "\(lost) rows of '\(child)' refer to rows of '\(parent)' that do not exist", at: place, mend: mend)
        }),
      CheckResult(
        "the counts match the rows",
        try counted.compactMap { name, sql in
          let told: Double? = try db.value("SELECT coalesce(sum(\(name.rawValue)), 0) FROM tally")
          let rows: Double? = try db.value("SELECT coalesce((\(sql)), 0)")
          guard let told, let rows, abs(told - rows) > 1e-6 * max(1, abs(rows)) else { return nil }
          return Problem(
            "the count of '\(name.rawValue)' is \(told.cellText), but the rows give \(rows.cellText)", at: place,
            mend: "No answer is missing, but the dashboard is wrong. Please report this.")
        }),
      CheckResult(
        "no number is given twice",
        try StoredTable.numbered.compactMap { table in
          let highest: Int? = try db.value("SELECT coalesce(max(\(table.key[0])), 0) FROM \(table.name)")
          let given = try db.lastNumber(of: table)
          guard let highest, highest > given else { return nil }
          return Problem(
            "the next number of '\(table.name)' is \(given + 1), but \(highest) already exists", at: place,
            mend: "The records were assembled by hand: copy them with 'earshot records copy'.")
        }),
    ]
  }

  /// Which column names a row of which table.
  private static let references: [(child: String, column: String, parent: String, key: String)] = [
    ("participant", "study_version", "study_version", "version"),
    ("link_value", "participant", "participant", "number"),
    ("session", "participant", "participant", "number"),
    ("further_browser", "session", "session", "id"),
    ("response", "session", "session", "id"),
    ("answer", "response", "response", "id"),
    ("trial", "response", "response", "id"),
    ("slot", "response", "response", "id"),
    ("judgement", "response", "response", "id"),
    ("refused", "session", "session", "id"),
    ("event_batch", "session", "session", "id"),
    ("event", "batch", "event_batch", "id"),
    ("exclusion", "session", "session", "id"),
  ]

  /// What is counted, and how to count it again.
  private static let counted: [(Tally.Counter, String)] = [
    (.joined, "SELECT count(*) FROM session"),
    (.finished, "SELECT count(*) FROM session WHERE finished_at IS NOT NULL"),
    (.ended, "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NOT NULL"),
    (.flagged, "SELECT count(*) FROM session WHERE finished_at IS NOT NULL AND flags IS NOT NULL"),
    (.excluded, "SELECT count(*) FROM session WHERE excluded IS NOT NULL"),
    (.untouched, "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NULL AND trials = 0"),
    (.headphones, "SELECT count(headphones_passed) FROM session"),
    (.headphonesPassed, "SELECT count(CASE WHEN headphones_passed THEN 1 END) FROM session"),
    (.further, "SELECT count(*) FROM sitting WHERE sitting > 1"),
    (.spoilt, "SELECT count(*) FROM participant WHERE link_notes IS NOT NULL"),
    (.responses, "SELECT count(*) FROM response"),
    (.ratings, "SELECT count(*) FROM judgement"),
    (.events, "SELECT count(*) FROM event"),
    (.catches, "SELECT count(is_passed) FROM trial"),
    (.catchesPassed, "SELECT count(CASE WHEN is_passed THEN 1 END) FROM trial"),
    (.repeats, "SELECT count(again_pairs) FROM trial"),
    (.repeatPairs, "SELECT sum(again_pairs) FROM trial"),
    (.repeatDifference, "SELECT sum(again_difference) FROM trial"),
  ]
}
