import Ratings
import Reporting
import Statistics

/// How often a system, and how often another listener, would have chosen as listeners did.
///
/// There are two figures for each group of answers and each system, over the decided answers on two candidates that the
/// system ranks. The first is the share of answers in which the chosen candidate has the better rank (equal ranks count
/// half). The second is the chance that two different listeners choose the same of the same two candidates. A listener
/// who answered a question several times counts as the mean of those answers. If pages were not presented equally
/// often, an answer is weighted by the inverse of its page's probability, and so is a pair of listeners (Hájek 1971).
/// In a resample, an answer counts as often as its listener times its query, and a pair of listeners as often as the
/// product of theirs.
struct ChoiceAgreement: CrossedStatistic {
  /// One listener's answers on one pair of candidates of a query: how many were decided, and in how many of these the
  /// candidate with the smaller number was chosen.
  private struct Cell { var listener: Int, chosen: Double, answers: Double, weight: Double }

  /// A pair of candidates of a query under a condition.
  private struct Question { var query: Int, cells: Range<Int>, figures: [(output: Int, smallerIsNearer: Double)] }

  private let questions: [Question]
  private let cells: [Cell]
  let groups: Int, systems: Int
  /// By group, then by system: the number of answers, and of the listeners and queries behind them.
  private(set) var support: [(answers: Int, listeners: Int, queries: Int)] = []

  var outputs: Int { 2 * groups * systems }

  /// The index of a system's share in a group. The listeners' share follows it.
  func output(_ system: Int, _ group: Int) -> Int { 2 * (group * systems + system) }

  /// - Parameters:
  ///   - groupsOf: the groups that a condition belongs to.
  ///   - nearer: whether a system ranks the first candidate before the second: 1, 0, 0.5 for a tie, nil if it lacks
  ///     one.
  init(
    _ answers: [ChoiceTable.Answer], groups: Int, groupsOf: (Int) -> [Int], systems: Int,
    nearer: (_ system: Int, _ query: Int, _ condition: Int, _ first: Int, _ second: Int) -> Double?
  ) {
    struct Key: Hashable { var query, condition, low, high: Int }
    var byQuestion: [Key: [Int: (chosen: Double, answers: Double, weight: Double)]] = [:], order: [Key] = []
    for answer in answers {
      guard let decided = answer.decided else { continue }
      let key = Key(
        query: answer.query, condition: answer.condition, low: min(answer.first, answer.second),
        high: max(answer.first, answer.second))
      if byQuestion[key] == nil { order.append(key) }
      let known = byQuestion[key, default: [:]][answer.listener] ?? (0, 0, answer.weight)
      byQuestion[key, default: [:]][answer.listener] = (
        known.chosen + (decided.chosen == key.low ? 1 : 0), known.answers + 1, known.weight
      )
    }
    var cells: [Cell] = [], questions: [Question] = []
    var counts = Array(repeating: (answers: 0, listeners: Set<Int>(), queries: Set<Int>()), count: groups * systems)
    for key in order {
      let start = cells.count
      for (listener, value) in (byQuestion[key] ?? [:]).sorted(by: { $0.key < $1.key }) {
        cells.append(Cell(listener: listener, chosen: value.chosen, answers: value.answers, weight: value.weight))
      }
      var question = Question(query: key.query, cells: start..<cells.count, figures: [])
      for system in 0..<systems {
        guard let share = nearer(system, key.query, key.condition, key.low, key.high) else { continue }
        for group in groupsOf(key.condition) {
          let place = group * systems + system
          question.figures.append((2 * place, share))
          counts[place].queries.insert(key.query)
          for cell in cells[start...] {
            counts[place].answers += Int(cell.answers)
            counts[place].listeners.insert(cell.listener)
          }
        }
      }
      questions.append(question)
    }
    (self.questions, self.cells) = (questions, cells)
    (self.groups, self.systems) = (groups, systems)
    support = counts.map { ($0.answers, $0.listeners.count, $0.queries.count) }
  }

  func workspace() -> [Double] { Array(repeating: 0, count: 2 * outputs) }

  func evaluate(_ weights: CrossedWeights, _ sums: inout [Double], into values: inout [Double]) {
    for i in sums.indices { sums[i] = 0 }
    for question in questions where !question.figures.isEmpty {
      let times = Double(weights.queries[question.query])
      guard times > 0 else { continue }
      // Answers for either candidate; then sums over listeners of their shares and of the squared shares.
      var low = 0.0, all = 0.0, a = 0.0, b = 0.0, squares = 0.0, listeners = 0.0, own = 0.0
      for i in question.cells {
        let cell = cells[i], weight = cell.weight * Double(weights.listeners[cell.listener])
        guard weight > 0 else { continue }
        low += weight * cell.chosen
        all += weight * cell.answers
        let p = cell.chosen / cell.answers
        a += weight * p
        b += weight * (1 - p)
        squares += weight * weight * (p * p + (1 - p) * (1 - p))
        listeners += weight
        own += weight * weight
      }
      // The pairs of a question weigh together as much as its answers do in a system's agreement.
      let pairs = (listeners * listeners - own) / 2
      let alike = pairs > 1e-12 * listeners * listeners ? (a * a + b * b - squares) / 2 / pairs : nil
      for figure in question.figures {
        let near = figure.smallerIsNearer
        sums[2 * figure.output] += times * (near * low + (1 - near) * (all - low))
        sums[2 * figure.output + 1] += times * all
        guard let alike else { continue }
        sums[2 * figure.output + 2] += times * all * alike
        sums[2 * figure.output + 3] += times * all
      }
    }
    for output in 0..<outputs {
      values[output] = sums[2 * output + 1] > 0 ? sums[2 * output] / sums[2 * output + 1] : .nan
    }
  }
}
