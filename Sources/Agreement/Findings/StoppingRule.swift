import Basics
import Reporting
import Statistics

/// Where a study stands that may be stopped as soon as its verdicts are told (`stopping` in the plan).
public struct StoppingRule: Sendable, Equatable {
  /// Who answered by now, and how many there are to be at most.
  public let listeners: Int, atMost: Int
  /// Verdicts, and how many of them are told: neither inconclusive nor of too few.
  public let verdicts: Int, told: Int
  /// Whether the records hold the rule from before the first answer; nil where nothing says.
  public let wasFixedBefore: Bool?

  /// Whether the rule lets the study end.
  public var mayStop: Bool { listeners >= atMost || (wasFixedBefore == true && verdicts > 0 && told == verdicts) }

  /// Nil where the plan has no such rule.
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

  /// For whoever runs the study: no verdict is told, nor of which system.
  public var text: String {
    let place = "Stopping rule: \(listeners) of at most \(atMost, "listener")"
    if listeners >= atMost { return place + "; the study ends here." }
    if verdicts == 0 { return place + "; the plan states no margin, so no verdict can end it before." }
    if wasFixedBefore != true {
      return place + "; nothing says that the rule stood before the first answer, so go on to the last."
    }
    return place
      + (told == verdicts
        ? "; every verdict is told, so the study may stop."
        : "; \(told) of \(verdicts, "verdict is", "verdicts are") told, so go on.")
  }

  var remarks: [Remark] {
    if listeners > atMost {
      return [
        .init(
          code: "stopping_passed", weight: .caution,
          what: "\(listeners, "listener") answered, and the study was to end at \(atMost).",
          meaning: "What the stopping rule keeps holds up to \(atMost, "listener"): leave the later ones out.",
          count: listeners - atMost)
      ]
    }
    guard wasFixedBefore != true else { return [] }
    return [
      .init(
        code: "stopping_unfixed", weight: .caution,
        what: "Nothing says that the stopping rule stood before the first answer.",
        meaning: "Its errors are kept only if no look at the answers led to it, or to its number of listeners.",
        count: 1)
    ]
  }

  /// For the methods.
  var methods: Prose {
    "The study could be stopped at any number of listeners up to \(atMost) (\(listeners) by now). Intervals, p-values and verdicts of systems, their differences, shares and agreement are those of O'Brien and Fleming's (1979) boundary watched without pause, so that they hold whenever one stops: where an error of q is meant on one side, this look has the tail Φ(Φ⁻¹(q/2)/√t), t being the share of the listeners. Mixed models, exact tests, reliability and other tables are of this look alone."
  }

  static let citations = [
    "O'Brien, P. C. & Fleming, T. R. (1979). A multiple testing procedure for clinical trials. Biometrics 35.",
    "Jennison, C. & Turnbull, B. W. (1989). Interim analyses: the repeated confidence interval approach. Journal of the Royal Statistical Society B 51.",
  ]
}
