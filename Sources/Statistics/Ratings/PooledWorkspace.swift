/// The buffers of one thread for `PooledAgreement`, and the computations in them.
public final class PooledWorkspace {
  private let ranker: WeightedRanker
  /// By unit: its weight, and the sum and number of its ratings.
  private let weight: UnsafeMutablePointer<Int32>
  private let single: UnsafeMutablePointer<Float>
  private let sum: UnsafeMutablePointer<Double>, number: UnsafeMutablePointer<Double>
  /// The units that count, one after another, each with its weight, keys and ranks.
  private let unit: UnsafeMutablePointer<Int32>, share: UnsafeMutablePointer<Int32>
  private let key: UnsafeMutablePointer<Int32>, otherKey: UnsafeMutablePointer<Int32>
  private let exact: UnsafeMutablePointer<Double>, otherExact: UnsafeMutablePointer<Double>
  private let rank: UnsafeMutablePointer<Int32>, otherRank: UnsafeMutablePointer<Int32>
  private let allRank: UnsafeMutablePointer<Int32>
  /// Each system's ranks of these units, one system after another, and their sums of squares.
  private let systemRank: UnsafeMutablePointer<Int32>
  private var systemSquares: [Int]
  private var sums: [Double], counts: [Double]
  private let units: Int
  /// The number of these units, and the sum of their weights.
  private var active = 0, total = 0
  /// Whether this resample can be ranked by integers.
  private var isWhole = false

  init(units: Int, systems: Int) {
    let room = max(1, units)
    self.units = units
    ranker = WeightedRanker(capacity: room)
    func whole(_ count: Int) -> UnsafeMutablePointer<Int32> {
      let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: count)
      pointer.initialize(repeating: 0, count: count)
      return pointer
    }
    func number() -> UnsafeMutablePointer<Double> {
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: room)
      pointer.initialize(repeating: 0, count: room)
      return pointer
    }
    (weight, unit, share, key, otherKey) = (whole(room), whole(room), whole(room), whole(room), whole(room))
    (rank, otherRank, allRank, systemRank) = (whole(room), whole(room), whole(room), whole(room * max(1, systems)))
    (sum, self.number, exact, otherExact) = (number(), number(), number(), number())
    single = .allocate(capacity: room)
    single.initialize(repeating: 0, count: room)
    systemSquares = Array(repeating: 0, count: systems)
    sums = Array(repeating: 0, count: systems)
    counts = sums
  }

  deinit {
    for pointer in [weight, unit, share, key, otherKey, rank, otherRank, allRank, systemRank] { pointer.deallocate() }
    for pointer in [sum, number, exact, otherExact] { pointer.deallocate() }
    single.deallocate()
  }

  /// Sums the ratings, and lists the units that have a weight and were rated.
  func load(_ data: PooledAgreement, _ weights: CrossedWeights) {
    for u in 0..<units { weight[u] = weights.queries[data.queryOfUnit[u]] }
    isWhole = weights.listeners.reduce(0) { $0 + Int($1) } <= data.wholeUpTo
    if isWhole {
      addWhole(data, weights)
    } else {
      sum.update(repeating: 0, count: units)
      number.update(repeating: 0, count: units)
      for (r, row) in data.rows.enumerated() where weights.listeners[r] > 0 {
        let copies = Double(weights.listeners[r])
        for (k, u) in row.units.enumerated() {
          sum[Int(u)] += copies * row.values[k]
          number[Int(u)] += copies
        }
      }
    }
    (active, total) = (0, 0)
    for u in 0..<units where weight[u] > 0 && (isWhole || number[u] > 0) {
      unit[active] = Int32(u)
      share[active] = weight[u]
      active += 1
      total += Int(weight[u])
    }
  }

  /// Adds four rows at a time, so that the sums are read and written less often. All sums are integers below 2²⁴, so
  /// they are exact.
  private func addWhole(_ data: PooledAgreement, _ weights: CrossedWeights) {
    single.update(repeating: 0, count: units)
    var waiting = (0, 0, 0, 0), count = 0
    func add(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
      let (wa, wb) = (Float(weights.listeners[a]), Float(weights.listeners[b]))
      let (wc, wd) = (Float(weights.listeners[c]), Float(weights.listeners[d]))
      data.rows[a].singles.withUnsafeBufferPointer { a in
        data.rows[b].singles.withUnsafeBufferPointer { b in
          data.rows[c].singles.withUnsafeBufferPointer { c in
            data.rows[d].singles.withUnsafeBufferPointer { d in
              for u in 0..<units { single[u] += (wa * a[u] + wb * b[u]) + (wc * c[u] + wd * d[u]) }
            }
          }
        }
      }
    }
    for r in data.rows.indices where weights.listeners[r] > 0 {
      switch count {
      case 0: waiting.0 = r
      case 1: waiting.1 = r
      case 2: waiting.2 = r
      default:
        add(waiting.0, waiting.1, waiting.2, r)
        count = -1
      }
      count += 1
    }
    let left = [waiting.0, waiting.1, waiting.2].prefix(count)
    for r in left {
      let copies = Float(weights.listeners[r])
      data.rows[r].singles.withUnsafeBufferPointer { row in for u in 0..<units { single[u] += copies * row[u] } }
    }
  }

  /// Ranks these units by the mean of all raters.
  private func rankAll(_ data: PooledAgreement, into ranks: UnsafeMutablePointer<Int32>) -> Int {
    if isWhole {
      for i in 0..<active { key[i] = Int32(single[Int(unit[i])]) }
      return ranker.rank(key, share, count: active, total: total, into: ranks)
    }
    for i in 0..<active { exact[i] = sum[Int(unit[i])] / number[Int(unit[i])] }
    return ranker.rank(exact, share, count: active, total: total, tolerance: data.tolerance, into: ranks)
  }

  func consensus(_ data: PooledAgreement, into values: inout [Double]) {
    let squares = rankAll(data, into: allRank)
    // Weighted ranks by unit, 0 for units that do not count, so that a system's order can be traversed as it is.
    for u in 0..<units { (otherKey[u], otherRank[u]) = (0, 0) }
    for i in 0..<active {
      otherKey[Int(unit[i])] = share[i] &* allRank[i]
      otherRank[Int(unit[i])] = share[i]
    }
    // If a system has no ties of its own, its ranks tie only between copies, which is the same for all such systems.
    var untied = total &* total &* total &- total
    for i in 0..<active {
      let copies = Int(share[i])
      untied &-= copies &* copies &* copies &- copies
    }
    for (s, system) in data.systems.enumerated() {
      var below = 0, product = 0, own = untied / 3
      system.order.withUnsafeBufferPointer { order in
        if !system.hasTies {
          for place in 0..<order.count {
            let u = Int(order[place]), copies = Int(otherRank[u])
            product &+= Int(otherKey[u]) &* (2 &* below &+ copies &- total)
            below &+= copies
          }
        } else {
          own = 0
          var start = 0
          for end in system.ends {
            var tied = 0, weighted = 0
            for place in start..<Int(end) {
              tied &+= Int(otherRank[Int(order[place])])
              weighted &+= Int(otherKey[Int(order[place])])
            }
            let rank = 2 &* below &+ tied &- total
            product &+= weighted &* rank
            own &+= tied &* rank &* rank
            below &+= tied
            start = Int(end)
          }
        }
      }
      values[s] = correlation(squares, own, product)
    }
  }

  func individual(
    _ data: PooledAgreement, _ weights: CrossedWeights, into values: inout [Double], from output: Int
  ) {
    for s in data.systems.indices { (sums[s], counts[s]) = (0, 0) }
    if isWhole { rankSystems(data, unit, share, active, total) }
    for (r, row) in data.rows.enumerated() where weights.listeners[r] > 0 {
      let copies = Double(weights.listeners[r])
      var (count, total) = (active, self.total)
      let own: Int
      if isWhole {
        row.keys.withUnsafeBufferPointer { keys in for i in 0..<active { key[i] = keys[Int(unit[i])] } }
        own = ranker.rank(key, share, count: active, total: total, into: rank)
      } else {
        (count, total) = gather(row) { _ in true }
        own = ranker.rank(exact, otherKey, count: count, total: total, into: rank)
        rankSystems(data, key, otherKey, count, total)
      }
      let weight = isWhole ? share : otherKey
      for s in data.systems.indices {
        let ranks = systemRank + s * units
        var product = 0
        for i in 0..<count { product &+= Int(weight[i]) &* Int(rank[i]) &* Int(ranks[i]) }
        let value = correlation(own, systemSquares[s], product)
        guard !value.isNaN else { continue }
        sums[s] += copies * value
        counts[s] += copies
      }
    }
    for s in data.systems.indices { values[output + s] = counts[s] > 0 ? sums[s] / counts[s] : .nan }
  }

  /// Ranks the `count` given units by each system.
  private func rankSystems(
    _ data: PooledAgreement, _ unit: UnsafePointer<Int32>, _ weight: UnsafePointer<Int32>, _ count: Int, _ total: Int
  ) {
    for (s, system) in data.systems.enumerated() {
      for i in 0..<count { otherExact[i] = system.scores[Int(unit[i])] }
      systemSquares[s] = ranker.rank(otherExact, weight, count: count, total: total, into: systemRank + s * units)
    }
  }

  /// Writes a rater's units that count to `key`, their weights to `otherKey`, and the ratings to `exact`.
  private func gather(_ row: PooledAgreement.Row, _ isWanted: (Int) -> Bool) -> (count: Int, total: Int) {
    var count = 0, total = 0
    for (k, u) in row.units.enumerated() where weight[Int(u)] > 0 && isWanted(Int(u)) {
      key[count] = u
      otherKey[count] = weight[Int(u)]
      exact[count] = row.values[k]
      count += 1
      total += Int(weight[Int(u)])
    }
    return (count, total)
  }

  func ceilings(_ data: PooledAgreement, _ weights: CrossedWeights) -> (lower: Double, upper: Double) {
    var totals = (0.0, 0.0), counts = (0.0, 0.0)
    let allSquares = isWhole ? rankAll(data, into: allRank) : 0
    let raters = weights.listeners.reduce(0, +)
    for (r, row) in data.rows.enumerated() where weights.listeners[r] > 0 && weights.listeners[r] < raters {
      let copies = Double(weights.listeners[r])
      var lower = 0, upper = 0, own = 0, others = 0, all = allSquares
      if isWhole {
        let copies = weights.listeners[r]
        row.keys.withUnsafeBufferPointer { keys in
          for i in 0..<active {
            let value = keys[Int(unit[i])]
            key[i] = value
            otherKey[i] = Int32(single[Int(unit[i])]) &- copies &* value
          }
        }
        own = ranker.rank(key, share, count: active, total: total, into: rank)
        others = ranker.rank(otherKey, share, count: active, total: total, into: otherRank)
        for i in 0..<active {
          let weighted = Int(share[i]) &* Int(rank[i])
          lower &+= weighted &* Int(otherRank[i])
          upper &+= weighted &* Int(allRank[i])
        }
      } else {
        let (count, total) = gather(row) { number[$0] > copies }
        own = ranker.rank(exact, otherKey, count: count, total: total, into: rank)
        for i in 0..<count {
          let u = Int(key[i])
          otherExact[i] = (sum[u] - copies * exact[i]) / (number[u] - copies)
          exact[i] = sum[u] / number[u]
        }
        others = ranker.rank(
          otherExact, otherKey, count: count, total: total, tolerance: data.tolerance, into: otherRank)
        all = ranker.rank(exact, otherKey, count: count, total: total, tolerance: data.tolerance, into: allRank)
        for i in 0..<count {
          let weighted = Int(otherKey[i]) &* Int(rank[i])
          lower &+= weighted &* Int(otherRank[i])
          upper &+= weighted &* Int(allRank[i])
        }
      }
      let (low, high) = (correlation(own, others, lower), correlation(own, all, upper))
      if !low.isNaN {
        totals.0 += copies * low
        counts.0 += copies
      }
      if !high.isNaN {
        totals.1 += copies * high
        counts.1 += copies
      }
    }
    return (counts.0 > 0 ? totals.0 / counts.0 : .nan, counts.1 > 0 ? totals.1 / counts.1 : .nan)
  }

  private func correlation(_ aa: Int, _ bb: Int, _ ab: Int) -> Double {
    aa > 0 && bb > 0 ? RankSums(aa: aa, bb: bb, ab: ab).correlation : .nan
  }
}
