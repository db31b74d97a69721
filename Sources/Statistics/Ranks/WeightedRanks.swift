/// Ranks items with integer weights repeatedly, without allocating: the inner loop of the pooled bootstrap.
///
/// An item of weight v represents v tied copies. Ranks are doubled and centred, `2R - (N + 1)` with N the sum of
/// weights, and so are integers. Integer keys are sorted by counting or by radix, in time proportional to their number.
final class WeightedRanker {
  private let capacity: Int
  private var order: UnsafeMutablePointer<Int32>, spare: UnsafeMutablePointer<Int32>
  private let histogram: UnsafeMutablePointer<Int32>
  private let pairs: UnsafeMutablePointer<(key: Double, place: Int32)>
  /// Key ranges up to this size are sorted by counting.
  private static let direct = 1024

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    order = .allocate(capacity: self.capacity)
    spare = .allocate(capacity: self.capacity)
    histogram = .allocate(capacity: Self.direct)
    pairs = .allocate(capacity: self.capacity)
  }

  deinit {
    order.deallocate()
    spare.deallocate()
    histogram.deallocate()
    pairs.deallocate()
  }

  /// - Parameters:
  ///   - total: the sum of the weights.
  ///   - ranks: receives the ranks of the `count` items.
  /// - Returns: the weighted sum of the squared ranks; 0 if all keys are equal.
  func rank(
    _ keys: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>, count: Int, total: Int,
    into ranks: UnsafeMutablePointer<Int32>
  ) -> Int {
    guard count > 0 else { return 0 }
    var low = keys[0], high = keys[0]
    for i in 1..<max(1, count) {
      low = min(low, keys[i])
      high = max(high, keys[i])
    }
    let span = Int(high) - Int(low)
    if span < Self.direct {
      histogram.update(repeating: 0, count: span + 1)
      for i in 0..<count { histogram[Int(keys[i] &- low)] &+= weights[i] }
      var below = 0, squares = 0
      for level in 0...span {
        let tied = Int(histogram[level])
        let rank = 2 &* below &+ tied &- total
        squares &+= tied &* rank &* rank
        histogram[level] = Int32(truncatingIfNeeded: rank)
        below &+= tied
      }
      for i in 0..<count { ranks[i] = histogram[Int(keys[i] &- low)] }
      return squares
    }
    radixSort(keys, low, span, count)
    return walk(count, total, weights, ranks) { keys[Int($0)] == keys[Int($1)] }
  }

  /// The same for keys that are not integers; NaN is not allowed. Neighbours within `tolerance` are tied.
  func rank(
    _ keys: UnsafePointer<Double>, _ weights: UnsafePointer<Int32>, count: Int, total: Int, tolerance: Double = 0,
    into ranks: UnsafeMutablePointer<Int32>
  ) -> Int {
    for i in 0..<count { pairs[i] = (keys[i], Int32(i)) }
    var buffer = UnsafeMutableBufferPointer(start: pairs, count: count)
    buffer.sort { $0.key < $1.key }
    for i in 0..<count { order[i] = pairs[i].place }
    return walk(count, total, weights, ranks) {
      keys[Int($0)] == keys[Int($1)] || keys[Int($1)] - keys[Int($0)] <= tolerance
    }
  }

  /// Leaves the items in ascending order of their keys in `order`: least significant digit first, eight bits per pass.
  @inline(__always)
  private func radixSort(_ keys: UnsafePointer<Int32>, _ low: Int32, _ span: Int, _ count: Int) {
    for i in 0..<count { order[i] = Int32(i) }
    var shift: Int32 = 0
    while span >> Int(shift) > 0 {
      histogram.update(repeating: 0, count: 257)
      for i in 0..<count { histogram[Int((keys[i] &- low) >> shift & 255) &+ 1] &+= 1 }
      for digit in 0..<256 { histogram[digit &+ 1] &+= histogram[digit] }
      for i in 0..<count {
        let item = order[i], digit = Int((keys[Int(item)] &- low) >> shift & 255)
        spare[Int(histogram[digit])] = item
        histogram[digit] &+= 1
      }
      swap(&order, &spare)
      shift += 8
    }
  }

  @inline(__always)
  private func walk(
    _ count: Int, _ total: Int, _ weights: UnsafePointer<Int32>, _ ranks: UnsafeMutablePointer<Int32>,
    tied same: (Int32, Int32) -> Bool
  ) -> Int {
    var below = 0, squares = 0, start = 0
    while start < count {
      var end = start &+ 1, tied = Int(weights[Int(order[start])])
      while end < count, same(order[end &- 1], order[end]) {
        tied &+= Int(weights[Int(order[end])])
        end &+= 1
      }
      let rank = 2 &* below &+ tied &- total
      for i in start..<end { ranks[Int(order[i])] = Int32(truncatingIfNeeded: rank) }
      squares &+= tied &* rank &* rank
      below &+= tied
      start = end
    }
    return squares
  }
}
