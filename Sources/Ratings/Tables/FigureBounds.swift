import Basics

extension RatingTable {
  /// The largest absolute value that is accepted. No rating scale goes beyond it, and sums of squares would lose
  /// precision.
  package static let largestFigure = 1e12
  /// The smallest width of a scale; a narrower one is practically a single point.
  package static let narrowestScale = 1e-9

  /// Checks that all values are of a size that can be computed with.
  /// - Parameter scale: the lowest and the highest end that the table gives.
  /// - Throws: `Problems` if values are too large, or the scale is too narrow.
  func checkFigures(scale: (lowest: Double?, highest: Double?)) throws {
    var problems: [Problem] = []
    func check(_ value: Double, _ what: String, line: Int?) {
      guard problems.count < Self.problemLimit, abs(value) > Self.largestFigure else { return }
      problems.append(
        Problem(
          "\(what) is \(value)", at: Place(file: file, line: line),
          mend: "Numbers must lie between -1e12 and 1e12. Is it a typing error?"))
    }
    if let lowest = scale.lowest { check(lowest, "the scale's low end", line: nil) }
    if let highest = scale.highest { check(highest, "the scale's high end", line: nil) }
    if let lowest = scale.lowest, let highest = scale.highest, lowest < highest,
      highest - lowest < Self.narrowestScale
    {
      problems.append(
        Problem(
          "the scale goes from \(lowest) to \(highest)", at: Place(file: file),
          mend: "Write its ends as listeners saw them, such as 0 and 100."))
    }
    for row in 0..<count {
      check(rating[row], "a rating", line: Int(line[row]))
      let time = Double(responseTime[row])
      if !time.isNaN { check(time, "a response time", line: Int(line[row])) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
  }
}
