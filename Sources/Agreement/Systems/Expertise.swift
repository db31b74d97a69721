import Ratings
import Reporting
import Statistics

/// Whether each listener of a BS.1116 test can tell the versions from the hidden reference at all.
///
/// ITU-R BS.1116-3 rejects, after the test, listeners who cannot make the required discriminations. As in MPEG's
/// verification tests, this is decided by a one-sided t-test, at 5 %, of a listener's difference grades over all main
/// trials with contenders; their mean is below 0 for a listener who hears the difference. A listener whose grades are
/// all equal is judged by their sign. One with fewer than three trials is not judged.
struct Expertise {
  struct Listener: Sendable {
    var listener: Int, trials: Int
    var mean: Double
    /// The t statistic; nil if all grades are equal.
    var t: Double?
    var p: Double
    /// The share of trials in which the version was graded below the hidden reference.
    var found: Double
    var isExpert: Bool
  }

  static let fewestTrials = 3
  /// The significance level of the test.
  static let level = 0.05
  private(set) var listeners: [Listener] = []

  /// - Parameter study: a study of difference grades.
  init(_ study: RatedStudy) {
    for listener in study.listeners.indices {
      let grades = study.pages.filter { $0.isMain && $0.listener == listener }.flatMap { page in
        zip(page.candidates, page.ratings).filter {
          study.items[page.item].flags[$0.0].isDisjoint(with: [.reference, .anchor])
        }.map(\.1)
      }
      guard grades.count >= Self.fewestTrials, let mean = mean(grades), let spread = variance(grades) else { continue }
      let n = Double(grades.count), t = spread > 0 ? mean / (spread / n).squareRoot() : nil
      let p = t.map { StudentT(n - 1).lower($0) } ?? (mean < 0 ? 0 : 1)
      listeners.append(
        Listener(
          listener: listener, trials: grades.count, mean: mean, t: t, p: p,
          found: Double(grades.count { $0 < 0 }) / n, isExpert: p < Self.level))
    }
  }

  /// The listeners who did not show that they can tell the versions from the reference.
  var excluded: Set<Int> { Set(listeners.filter { !$0.isExpert }.map(\.listener)) }

  func table(_ study: RatedStudy) -> ResultTable {
    var table = ResultTable(
      "expertise", "Expertise of each listener (ITU-R BS.1116-3)",
      [
        .init("listener", "Listener"), .init("trials", "Trials", digits: 0), .init("mean", "Mean diff grade"),
        .init("t", "t"), .init("degrees_of_freedom", "Degrees of freedom", digits: 0),
        .init("p", "p, one-sided", digits: 4), .init("found", "Found"), .init("expert", "Expert"),
      ])
    for one in listeners {
      table.add(
        .text(study.listeners[one.listener]), .count(one.trials), .number(one.mean), Cell(one.t),
        .count(one.trials - 1),
        .number(one.p), .number(one.found), .flag(one.isExpert))
    }
    return table
  }
}
