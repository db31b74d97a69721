import Foundation
import Statistics

struct ReliabilityFixture: Decodable {
  struct Resample: Decodable {
    var listeners, queries: [Int]
    var distinct: Double?
    var counted: [Double?]
  }
  struct Case: Decodable {
    var rows: [[Double?]]
    var alpha: [Double]
    var spearman, kendall: [Double]
    var friedman: [Double]?
    var components: [Double]
    var resamples: [Resample]
  }
  struct Retest: Decodable { var first, second: [Double], pearson, spearman, difference, deviation: Double }
  var cases: [Case]
  var retests: [Retest]
}

/// The published tables of `reference/textbook` and the codec ratings of `reference/mushra_codec`.
enum ReferenceData {
  static func textbook(_ name: String) throws -> [[Double?]] {
    try String(contentsOf: Oracle.reference.appending(path: "textbook/\(name).csv"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) } }
  }

  static func mushra(_ name: String) throws -> UnitRatings {
    let lines = try String(contentsOf: Oracle.reference.appending(path: "mushra_codec/\(name)"), encoding: .utf8)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
    let raters = Set(lines.map { $0[2] }).sorted(), units = Set(lines.map { $0[0] + "," + $0[1] }).sorted()
    return UnitRatings(
      raters: raters.count, units: units.count,
      ratings: lines.compactMap { cells in
        guard let rater = raters.firstIndex(of: cells[2]), let unit = units.firstIndex(of: cells[0] + "," + cells[1]),
          let value = Double(cells[3])
        else { return nil }
        return .init(rater: rater, unit: unit, value: value)
      })
  }
}
