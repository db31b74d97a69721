import Foundation

/// A seeded source of randomness whose draws are part of Earshot's contract: the same seed and stream give the same
/// draws on every machine and in every later version, so plans and resamples can be recomputed.
///
/// The generator is xoshiro256** (Blackman & Vigna 2018), its state filled by SplitMix64. Use the methods here rather
/// than the standard library's `shuffled(using:)` and `random(in:using:)`, whose algorithms may change.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var a, b, c, d: UInt64

  /// `stream` names what the draws are for (`"plan", "participant 7"`), so that independent uses of one seed never
  /// share draws.
  public init(seed: UInt64, _ stream: String...) {
    var state = seed
    for name in stream {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
      for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      state = SeededRandom.mix(state &+ SeededRandom.mix(hash))
    }
    func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      return SeededRandom.mix(state)
    }
    (a, b, c, d) = (next(), next(), next(), next())
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  @inlinable
  static func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }

  /// The next 64 bits of the sequence.
  public mutating func next() -> UInt64 {
    let result = SeededRandom.rotl(b &* 5, 7) &* 9
    let t = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = SeededRandom.rotl(d, 45)
    return result
  }

  /// A whole number in `0 ..< bound`, without bias (Lemire 2019). `bound` must be positive.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0)
    let n = UInt64(bound)
    var (high, low) = next().multipliedFullWidth(by: n)
    if low < n {
      let threshold = (0 &- n) % n
      while low < threshold { (high, low) = next().multipliedFullWidth(by: n) }
    }
    return Int(high)
  }

  /// A uniform number in `[0, 1)`, from 53 random bits.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A uniform number between the range's ends.
  public mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// A standard normal number, by Marsaglia's polar method. One number of each pair is dropped, so that a draw never
  /// depends on how many came before.
  public mutating func normal() -> Double {
    while true {
      let u = 2 * unit() - 1, v = 2 * unit() - 1
      let s = u * u + v * v
      if s > 0, s < 1 { return u * (-2 * log(s) / s).squareRoot() }
    }
  }

  /// Shuffles in place by Fisher–Yates, from the last position down.
  @inlinable
  public mutating func shuffle<T>(_ items: inout [T]) {
    guard items.count > 1 else { return }
    for i in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(i, below(i + 1)) }
  }

  /// The items in random order, by `shuffle`.
  @inlinable
  public mutating func shuffled<T>(_ items: [T]) -> [T] {
    var copy = items
    shuffle(&copy)
    return copy
  }

  /// A random one of `items`, which must not be empty.
  public mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}
