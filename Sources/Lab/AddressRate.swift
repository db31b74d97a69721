import HTTP
import Synchronization

/// Limits how fast newcomers or wrong passwords come from one address. Each address has a bucket with a minute's worth,
/// which refills at that rate. Only addresses whose bucket is not full are kept, in memory and nowhere else.
final class AddressRate: Sendable {
  private struct Bucket {
    var level: Double
    var at: ContinuousClock.Instant
  }

  private let buckets = Mutex<[Address: Bucket]>([:])
  private static let mostAddresses = 20_000

  /// Takes one from the bucket of an address.
  /// - Parameter perMinute: 0 for any number.
  /// - Returns: nil if there was one, or the seconds until there is.
  func wait(for peer: Address?, perMinute: Int, now: ContinuousClock.Instant = .now) -> Int? {
    guard perMinute > 0, let peer else { return nil }
    let (most, rate) = (Double(perMinute), Double(perMinute) / 60)
    func filled(_ bucket: Bucket) -> Double { min(most, bucket.level + rate * ((now - bucket.at) / .seconds(1))) }
    return buckets.withLock { buckets in
      if buckets.count >= AddressRate.mostAddresses, buckets[peer] == nil {
        buckets = buckets.filter { filled($0.value) < most }
        if buckets.count >= AddressRate.mostAddresses { buckets.removeAll() }
      }
      let level = buckets[peer].map(filled) ?? most
      buckets[peer] = Bucket(level: level >= 1 ? level - 1 : level, at: now)
      return level >= 1 ? nil : max(1, Int(((1 - level) / rate).rounded(.up)))
    }
  }

  /// Refills the bucket of an address.
  func forgive(_ peer: Address?) {
    guard let peer else { return }
    buckets.withLock { $0[peer] = nil }
  }
}
