import Basics
import Reporting

/// What the tables `discriminations` and `discrimination_spread` tell, in words.
struct DiscriminationSentences {
  let plan: AnalysisPlan
  /// Of the share of right answers above chance; nil where the plan states none.
  let margin: Double?
  let chance: Double
  /// The rows that are told of: those of all conditions together.
  let group: String
  /// Who answered how much, as each claim ends.
  let counts: Prose

  /// More pairs than this are told of together, the most surely heard first.
  private static let mostTold = 3

  func told(_ shares: ResultTable, _ spreads: ResultTable) -> (claims: [Prose], rest: [Prose]) {
    let pairs = shares.rows(where: ["condition": group]).map { Pair(sentences: self, shares: shares, row: $0) }
    let differ = spreads.rows.indices.filter { (spreads.number($0, "p") ?? 1) < 0.05 }.map { row -> Prose in
      "\(spreads.text(row, "pair")): listeners differ in what they hear; their shares have a standard deviation of \(100 * (spreads.number(row, "deviation") ?? .nan), digits: 0) points."
    }
    return pairs.count > Self.mostTold
      ? ([summary(pairs) + counts], verdicts(pairs) + differ)
      : (pairs.map { $0.claim + counts }, pairs.map(\.excluded) + differ)
  }

  /// One of the pairs that were to be told apart.
  private struct Pair {
    let sentences: DiscriminationSentences
    let shares: ResultTable
    let row: Int

    var name: String { shares.text(row, "pair") }
    var verdict: String { shares.text(row, "verdict") }

    private func number(_ key: String) -> Double { shares.number(row, key) ?? .nan }
    private func percent(_ key: String) -> Prose { "\(100 * number(key), digits: 0)" }

    /// Heard where the exact test and the interval over listeners say so.
    var isHeard: Bool {
      (shares.number(row, "p_corrected") ?? 1) < sentences.plan.alpha
        && (shares.number(row, "low") ?? 1) > sentences.chance
    }

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
        ? "\(name): the difference is heard" as Prose : "\(name): it is not shown that the difference is heard") + "; "
        + figures
    }

    /// How small a difference is excluded, and what that says by the plan's margin.
    var excluded: Prose {
      let largest: Prose =
        "A share of right answers above \(percent("largest_share")) % is excluded (\((1 - sentences.plan.alpha) * 100, digits: 0) %)"
      guard let independent = shares.number(row, "largest_d_prime") else {
        let least: Prose = shares.number(row, "d_prime_low").map { "d′ is \($0) or more; " } ?? ""
        return "\(name): " + least + "no difference, however large, is excluded."
      }
      let ends = ["heard": "it is heard", "not_heard": "it is not heard", "inconclusive": "that is open"]
      let decided: Prose =
        ends[verdict].map {
          "; by the plan's margin of \(100 * (sentences.margin ?? 0), digits: 0) points above chance \($0)"
        } ?? ""
      guard let differencing = shares.number(row, "largest_d_prime_differencing") else {
        return "\(name): d′ is \(number("d_prime")). " + largest + ", which is a d′ of \(independent)" + decided + "."
      }
      return
        "\(name): d′ is \(number("d_prime")) by independent observation and \(number("d_prime_differencing")) by differencing. "
        + largest + ", which is a d′ of \(independent) or \(differencing)" + decided + "."
    }
  }

  /// Of many pairs: how many are heard by the plan's margin, not heard and open.
  private func verdicts(_ pairs: [Pair]) -> [Prose] {
    guard let margin else { return [] }
    let words = [("heard", "heard"), ("not_heard", "not heard"), ("inconclusive", "open")]
    let told = words.compactMap { verdict, word -> String? in
      let names = pairs.filter { $0.verdict == verdict }.map(\.name)
      return names.isEmpty
        ? nil
        : names.count == pairs.count
          ? "all are \(word)" : "\(names.count, "is", "are") \(word) (\(SystemFindings.list(names)))"
    }
    return [
      "By the plan's margin of \(100 * margin, digits: 0) points above chance, of \(pairs.count, "difference") \(told.joined(separator: ", "))."
    ]
  }

  /// Of many pairs, in the order of their shares: which are heard, and the figures of the one that is nearest to being otherwise.
  private func summary(_ pairs: [Pair]) -> Prose {
    let heard = pairs.filter(\.isHeard), open = pairs.filter { !$0.isHeard }
    func told(_ one: Pair?) -> Prose { one.map { "\($0.name): " + $0.figures } ?? "" }
    if open.isEmpty { return "All \(pairs.count, "difference") are heard, the least surely " + told(heard.last) }
    if heard.isEmpty {
      return "Of \(pairs.count, "difference") none is shown to be heard; most often right is " + told(open.first)
    }
    return
      "Of \(pairs.count, "difference") \(heard.count, "is", "are") heard (\(SystemFindings.list(heard.map(\.name)))), the least surely "
      + told(heard.last)
      + "; not shown to be heard \(OneAndMany.words(open.count, "is", "are")) \(SystemFindings.list(open.map(\.name)))"
  }
}
