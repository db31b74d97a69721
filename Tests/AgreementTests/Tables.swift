import Agreement
import Basics
import Foundation
import Ratings
import Study

/// A table of ratings from its text.
func table(_ text: String, plan: AnalysisPlan = AnalysisPlan(), name: String = "ratings.csv") throws -> RatingTable {
  try inFile(text) { try RatingTable.read($0, plan: plan, name: name) }
}

func rankingsTable(_ text: String) throws -> [Ranking] {
  try inFile(text) { try Ranking.read($0, name: "rankings.csv") }
}

/// Calls `body` with a file that holds the text and is removed afterwards.
func inFile<R>(_ text: String, _ body: (URL) throws -> R) throws -> R {
  try inFile(Data(text.utf8), body)
}

func inFile<R>(_ data: Data, _ body: (URL) throws -> R) throws -> R {
  try inFolder { folder in
    let url = folder.appending(path: "table.csv")
    try data.write(to: url)
    return try body(url)
  }
}

func inFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// A plan that is quick to run.
func quickPlan(_ change: (inout AnalysisPlan) -> Void = { _ in }) -> AnalysisPlan {
  var plan = AnalysisPlan()
  plan.resamples = 400
  plan.permutations = 200
  plan.candidates = .fixed
  change(&plan)
  return plan
}

extension Findings {
  /// The number in column `key` of the one row that matches `wanted`; nil where it is missing.
  func number(_ table: String, _ key: String, where wanted: [String: String]) -> Double? {
    guard let table = self[table], let row = table.rows(where: wanted).first else { return nil }
    return table.number(row, key)
  }
}
