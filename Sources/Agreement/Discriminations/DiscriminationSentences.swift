import Basics
import Ratings
import Reporting

/// The tables `discriminations` and `discrimination_spread` in words.
struct DiscriminationSentences {
  let plan: AnalysisPlan
  /// The margin for the share of right answers above chance; nil if the plan states none.
  let margin: Double?
  let chance: Double
  /// The condition whose rows are reported: all conditions together.
  let group: String
  /// How many listeners gave how many answers; each claim ends with it.
  let counts: Prose

  /// If there are more pairs than this, they are summarised, in the order of their shares.
  private static let mostTold = 3

  func told(_ shares: ResultTable, _ spreads: ResultTable) -> (claims: [Prose], rest: [Prose]) {
    let pairs = shares.rows(where: ["condition": group]).map { Pair(sentences: self, shares: shares, row: $0) }
    let differ = spreads.rows.indices.filter { (spreads.number($0, "p") ?? 1) < 0.05 }.map { row -> Prose in
      "\(spreads.text(row, "pair")): listeners differ in how often they are right; their shares have a standard deviation of \(100 * (spreads.number(row, "deviation") ?? .nan), digits: 0) percentage points."
    }
    return pairs.count > Self.mostTold
      ? ([summary(pairs) + counts], verdicts(pairs) + differ)
      : (pairs.map { $0.claim + counts }, pairs.map(\.excluded) + differ)
  }

  /// A pair of sounds that listeners were asked to tell apart.
  private struct Pair {
    let sentences: DiscriminationSentences
    let shares: ResultTable
    let row: Int

    var name: String { shares.text(row, "pair") }
    var verdict: String { shares.text(row, "verdict") }

    private func number(_ key: String) -> Double { shares.number(row, key) ?? .nan }
    private func percent(_ key: String) -> Prose { "\(100 * number(key), digits: 0)" }

    /// Whether both the exact test, corrected for the number of pairs, and the interval over listeners say that the
    /// difference is heard.
    var isHeard: Bool {
      (shares.number(row, "p_corrected") ?? 1) < sentences.plan.alpha
        && (shares.number(row, "low") ?? 1) > sentences.chance
    }

    /// Whether the verdict is "heard" and this is not: the verdict is of one pair by itself, and one-sided.
    var isHeardAlone: Bool { verdict == "heard" && !isHeard }

    var figures: Prose {
      let p = number("p"), level = sentences.plan.confidence * 100
      let share: Prose = "\(percent("share")) % of \(Int(number("trials")), "answer is", "answers are") right"
      let interval: Prose =
        shares.number(row, "low") == nil
        ? "exact \(level, digits: 0) % interval \(percent("exact_low")) to \(percent("exact_high"))"
        : "\(level, digits: 0) % interval \(percent("low")) to \(percent("high"))"
      let probability: Prose = p < 0.001 ? "p below 0.001" : "p \(p, digits: 3)"
      return share + " (" + interval + ", exact " + probability + " against guessing)"
    }

    var claim: Prose {
      (isHeard
        ? "\(name): the difference is heard" as Prose : "\(name): the difference is not shown to be heard") + "; "
        + figures
    }

    /// The smallest difference that is ruled out, and what that means for the plan's margin.
    var excluded: Prose {
      let largest: Prose =
        "Shares of right answers above \(percent("largest_share")) % are ruled out (at \((1 - sentences.plan.alpha) * 100, digits: 0) % confidence)"
      guard let independent = shares.number(row, "largest_d_prime") else {
        let least: Prose = shares.number(row, "d_prime_low").map { "d′ is \($0) or more; " } ?? ""
        return "\(name): " + least + "no difference, however large, is ruled out."
      }
      let ends: [String: Prose] = [
        "heard": isHeardAlone ? "it is " + sentences.onlyAlone : "it is heard", "not_heard": "it is not heard",
        "inconclusive": "the result is inconclusive",
      ]
      let decided: Prose =
        ends[verdict].map {
          "; against the plan's margin of \(100 * (sentences.margin ?? 0), digits: 0) percentage points above chance, "
            + $0
        } ?? ""
      guard let differencing = shares.number(row, "largest_d_prime_differencing") else {
        return "\(name): d′ is \(number("d_prime")). " + largest + ", which corresponds to a d′ of \(independent)"
          + decided + "."
      }
      return
        "\(name): d′ is \(number("d_prime")) by independent observation and \(number("d_prime_differencing")) by differencing. "
        + largest + ", which corresponds to a d′ of \(independent) or \(differencing)" + decided + "."
    }
  }

  /// For many pairs: how many are heard, not heard or undecided by the plan's margin.
  private func verdicts(_ pairs: [Pair]) -> [Prose] {
    guard let margin else { return [] }
    let groups: [([Pair], Prose)] = [
      (pairs.filter { $0.verdict == "heard" && $0.isHeard }, "heard"), (pairs.filter(\.isHeardAlone), onlyAlone),
      (pairs.filter { $0.verdict == "not_heard" }, "not heard"),
      (pairs.filter { $0.verdict == "inconclusive" }, "inconclusive"),
    ]
    let told = groups.filter { !$0.0.isEmpty }.map { own, word -> Prose in
      if own.count == pairs.count { return "all are " + word }
      return "\(own.count, "is", "are") " + word + " (\(SystemFindings.list(own.map(\.name))))"
    }
    guard let first = told.first else { return [] }
    return [
      "Against the plan's margin of \(100 * margin, digits: 0) percentage points above chance, of \(pairs.count, "difference"), "
        + told.dropFirst().reduce(first) { $0 + ", " + $1 } + "."
    ]
  }

  /// What the verdict "heard" means for a pair whose difference is not shown to be heard once all pairs are corrected
  /// for, at the plan's confidence.
  private var onlyAlone: Prose { "heard only by a one-sided test of the pair by itself" }

  /// For many pairs, in the order of their shares: which are heard, and the figures of the one closest to the opposite
  /// verdict.
  private func summary(_ pairs: [Pair]) -> Prose {
    let heard = pairs.filter(\.isHeard), open = pairs.filter { !$0.isHeard }
    func told(_ one: Pair?) -> Prose { one.map { "\($0.name): " + $0.figures } ?? "" }
    if open.isEmpty { return "All \(pairs.count, "difference") are heard; lowest share: " + told(heard.last) }
    if heard.isEmpty {
      return "None of \(pairs.count, "difference") is shown to be heard; highest share: " + told(open.first)
    }
    return
      "Of \(pairs.count, "difference"), \(heard.count, "is", "are") heard (\(SystemFindings.list(heard.map(\.name)))), with the lowest share for "
      + told(heard.last) + "; not shown to be heard: \(SystemFindings.list(open.map(\.name)))"
  }
}
