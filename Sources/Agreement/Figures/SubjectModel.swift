import Foundation

/// The subject model of ITU-T P.913 (Li & Bampis 2017): `rating = quality of the stimulus + bias of the listener +
/// inconsistency of the listener × noise`, by maximum likelihood, alternating.
struct SubjectModel {
  /// By listener, in units of the scale; not-a-number for one without ratings.
  let bias: [Double]
  let inconsistency: [Double]
  /// By stimulus: the quality, its standard error 1 / √Σ 1/inconsistency², the plain mean, and how many ratings it has.
  private let qualities: [Stimulus]
  /// By item: its first stimulus.
  private let starts: [Int]

  struct Stimulus: Sendable {
    var quality = Double.nan, error = Double.nan, mean = Double.nan
    var count = 0
  }

  /// Of a candidate of an item.
  func stimulus(_ item: Int, _ candidate: Int) -> Stimulus { qualities[starts[item] + candidate] }

  init(_ study: RatedStudy, pages: [RatedStudy.Page]) {
    var starts = [0]
    for item in study.items { starts.append((starts.last ?? 0) + item.candidates.count) }
    var listeners: [Int] = [], stimuli: [Int] = [], ratings: [Double] = []
    for page in pages {
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        listeners.append(page.listener)
        stimuli.append(starts[page.item] + candidate)
        ratings.append(rating)
      }
    }
    let count = study.listeners.count, span = study.scale.upperBound - study.scale.lowerBound
    var quality = Array(repeating: 0.0, count: starts.last ?? 0)
    var bias = ListenerEffects(study, pages: pages).effects
    var spread = Array(repeating: span / 10, count: count)
    for _ in 0..<100 {
      var sums = Array(repeating: 0.0, count: quality.count), weights = sums
      for i in ratings.indices {
        let weight = 1 / (spread[listeners[i]] * spread[listeners[i]])
        sums[stimuli[i]] += weight * (ratings[i] - bias[listeners[i]])
        weights[stimuli[i]] += weight
      }
      for j in quality.indices where weights[j] > 0 { quality[j] = sums[j] / weights[j] }
      var own = Array(repeating: 0.0, count: count), squares = own, counts = own
      for i in ratings.indices {
        own[listeners[i]] += ratings[i] - quality[stimuli[i]]
        counts[listeners[i]] += 1
      }
      var change = 0.0
      let grand = own.reduce(0, +) / max(1, counts.reduce(0, +))
      for l in 0..<count where counts[l] > 0 {
        let next = own[l] / counts[l] - grand
        change = max(change, abs(next - bias[l]))
        bias[l] = next
      }
      for i in ratings.indices {
        let rest = ratings[i] - quality[stimuli[i]] - bias[listeners[i]]
        squares[listeners[i]] += rest * rest
      }
      // A floor of a hundredth of the scale keeps a listener from taking over the qualities.
      for l in 0..<count where counts[l] > 0 {
        let next = max(span / 100, (squares[l] / counts[l]).squareRoot())
        change = max(change, abs(next - spread[l]))
        spread[l] = next
      }
      if change < 1e-8 * span { break }
    }
    var stimuliFound = Array(repeating: Stimulus(), count: quality.count), sums = quality.map { _ in 0.0 },
      weights = sums
    for i in ratings.indices {
      sums[stimuli[i]] += ratings[i]
      weights[stimuli[i]] += 1 / (spread[listeners[i]] * spread[listeners[i]])
      stimuliFound[stimuli[i]].count += 1
    }
    for j in quality.indices where stimuliFound[j].count > 0 {
      stimuliFound[j].quality = quality[j]
      stimuliFound[j].mean = sums[j] / Double(stimuliFound[j].count)
      stimuliFound[j].error = 1 / weights[j].squareRoot()
    }
    (qualities, self.starts) = (stimuliFound, starts)
    let known = Set(listeners)
    self.bias = bias.indices.map { known.contains($0) ? bias[$0] : .nan }
    inconsistency = spread.indices.map { known.contains($0) ? spread[$0] : .nan }
  }
}
