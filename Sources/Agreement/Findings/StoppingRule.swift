import Basics
import Ratings
import Reporting
import Statistics

/// The state of a study that may be stopped as soon as its verdicts are decided (`stopping` in the plan).
public struct StoppingRule: Sendable, Equatable {
  /// The number of listeners who have answered so far, and the planned maximum.
  public let listeners: Int, atMost: Int
  /// The number of verdicts, and how many of them are decided: neither inconclusive nor based on too few data.
  public let verdicts: Int, told: Int
  /// Whether the records show that the rule was set before the first answer; nil if unknown.
  public let wasFixedBefore: Bool?

  /// Nil if the plan has no stopping rule.
  init?(_ findings: Findings) {
    guard let most = findings.plan.stoppingAtMost else { return nil }
    var found: [String] = []
    for name in ["verdicts", "system_differences", "discriminations"] {
      guard let table = findings[name] else { continue }
      let isStated = table.columns.contains { $0.key == "verdict" }
      let margin = table.columns.contains { $0.key == "margin" }
      for row in table.rows.indices where isStated && margin && table.number(row, "margin") != nil {
        found.append(table.text(row, "verdict"))
      }
    }
    (listeners, atMost) = (findings.inputs.listeners.count, most)
    (verdicts, told) = (found.count, found.count { !Verdict.open.contains($0) })
    wasFixedBefore = findings.inputs.planWasFixedBefore
  }

  /// The state in words, for whoever runs the study. It reveals no verdict and names no system.
  public var text: String {
    let place = "Stopping rule: \(listeners) of at most \(atMost, "listener")"
    if listeners >= atMost { return place + "; the study ends here." }
    if verdicts == 0 { return place + "; the plan states no margin, so no verdict can end it earlier." }
    if wasFixedBefore != true {
      return place
        + "; there is no record that the rule was fixed before the first answer, so continue to the last listener."
    }
    return place
      + (told == verdicts
        ? "; every verdict is decided, so the study may stop."
        : "; \(told) of \(verdicts, "verdict is", "verdicts are") decided, so continue.")
  }

  var remarks: [Remark] {
    if listeners > atMost {
      return [
        .init(
          code: "stopping_passed", weight: .caution,
          what: "\(listeners, "listener") answered, but the study was to end at \(atMost).",
          meaning: "The stopping rule controls errors only up to \(atMost, "listener"): exclude the later ones.",
          count: listeners - atMost)
      ]
    }
    guard wasFixedBefore != true else { return [] }
    return [
      .init(
        code: "stopping_unfixed", weight: .caution,
        what: "There is no record that the stopping rule was fixed before the first answer.",
        meaning:
          "It controls errors only if neither the rule nor its number of listeners was chosen after looking at answers.",
        count: 1)
    ]
  }

  /// The stopping rule in the words of the methods paragraph.
  var methods: Prose {
    "The study could be stopped at any number of listeners up to \(atMost) (\(listeners) so far). Intervals, p-values and verdicts of systems, their differences, shares and agreement follow O'Brien and Fleming's (1979) boundary with continuous monitoring, so that they hold whenever the study stops: for an intended one-sided error of q, this look uses the tail Φ(Φ⁻¹(q/2)/√t), where t is the share of the listeners. Mixed models, exact tests, reliability and other tables apply to this look only."
  }

  static let citations = [
    "O'Brien, P. C. & Fleming, T. R. (1979). A multiple testing procedure for clinical trials. Biometrics 35.",
    "Jennison, C. & Turnbull, B. W. (1989). Interim analyses: the repeated confidence interval approach. Journal of the Royal Statistical Society B 51.",
  ]
}
