import Foundation

/// The subject model of ITU-T P.913 (Li & Bampis 2017),
/// `rating = quality of the stimulus + bias of the listener + inconsistency of the listener × noise`, by alternating
/// maximum likelihood.
package struct SubjectModel {
  /// By listener, in units of the scale; NaN without ratings.
  let bias: [Double]
  let inconsistency: [Double]
  /// By stimulus: the quality, its standard error 1 / √Σ 1/inconsistency², the plain mean, and the number of ratings.
  private let qualities: [Stimulus]
  /// By item: the index of its first stimulus.
  private let starts: [Int]

  package struct Stimulus: Sendable {
    package var quality = Double.nan, error = Double.nan, mean = Double.nan
    package var count = 0
  }

  /// The stimulus that is a candidate of an item.
  package func stimulus(_ item: Int, _ candidate: Int) -> Stimulus { qualities[starts[item] + candidate] }

  package init(_ study: RatedStudy, pages: [RatedStudy.Page]) {
    starts = study.candidateStarts
    var fit = SubjectFit(study, pages: pages, starts: starts)
    for _ in 0..<100 {
      if fit.alternate() < 1e-8 * fit.span { break }
    }
    qualities = fit.qualities
    let known = Set(fit.listeners)
    bias = fit.bias.indices.map { known.contains($0) ? fit.bias[$0] : .nan }
    inconsistency = fit.spread.indices.map { known.contains($0) ? fit.spread[$0] : .nan }
  }
}

/// Single ratings, and the model's current estimates.
private struct SubjectFit {
  /// By rating: its listener.
  private(set) var listeners: [Int] = []
  private var stimuli: [Int] = [], ratings: [Double] = []
  /// The width of the scale.
  let span: Double
  /// By stimulus: the quality, in points of the scale.
  private var quality: [Double]
  /// By listener: the bias and the inconsistency, in points of the scale.
  private(set) var bias: [Double], spread: [Double]

  /// - Parameter starts: by item, the index of its first stimulus; the number of stimuli comes last.
  init(_ study: RatedStudy, pages: [RatedStudy.Page], starts: [Int]) {
    for page in pages {
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        listeners.append(page.listener)
        stimuli.append(starts[page.item] + candidate)
        ratings.append(rating)
      }
    }
    span = study.scale.upperBound - study.scale.lowerBound
    quality = Array(repeating: 0, count: starts.last ?? 0)
    bias = ListenerEffects(study, pages: pages).effects
    spread = Array(repeating: span / 10, count: study.listeners.count)
  }

  private func weight(_ i: Int) -> Double { 1 / (spread[listeners[i]] * spread[listeners[i]]) }

  /// Estimates qualities from listeners, then biases from qualities, then inconsistencies from both.
  /// - Returns: the largest change in a listener's values.
  mutating func alternate() -> Double {
    var sums = Array(repeating: 0.0, count: quality.count), weights = sums
    for i in ratings.indices {
      let weight = weight(i)
      sums[stimuli[i]] += weight * (ratings[i] - bias[listeners[i]])
      weights[stimuli[i]] += weight
    }
    for j in quality.indices where weights[j] > 0 { quality[j] = sums[j] / weights[j] }
    var own = Array(repeating: 0.0, count: bias.count), squares = own, counts = own
    for i in ratings.indices {
      own[listeners[i]] += ratings[i] - quality[stimuli[i]]
      counts[listeners[i]] += 1
    }
    var change = 0.0
    let grand = own.reduce(0, +) / max(1, counts.reduce(0, +))
    for l in bias.indices where counts[l] > 0 {
      let next = own[l] / counts[l] - grand
      change = max(change, abs(next - bias[l]))
      bias[l] = next
    }
    for i in ratings.indices {
      let rest = ratings[i] - quality[stimuli[i]] - bias[listeners[i]]
      squares[listeners[i]] += rest * rest
    }
    // A floor of one hundredth of the scale keeps a single listener from dominating the qualities.
    for l in spread.indices where counts[l] > 0 {
      let next = max(span / 100, (squares[l] / counts[l]).squareRoot())
      change = max(change, abs(next - spread[l]))
      spread[l] = next
    }
    return change
  }

  var qualities: [SubjectModel.Stimulus] {
    var found = Array(repeating: SubjectModel.Stimulus(), count: quality.count)
    var sums = Array(repeating: 0.0, count: quality.count), weights = sums
    for i in ratings.indices {
      sums[stimuli[i]] += ratings[i]
      weights[stimuli[i]] += weight(i)
      found[stimuli[i]].count += 1
    }
    for j in quality.indices where found[j].count > 0 {
      found[j].quality = quality[j]
      found[j].mean = sums[j] / Double(found[j].count)
      found[j].error = 1 / weights[j].squareRoot()
    }
    return found
  }
}
