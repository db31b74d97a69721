import HTTP
import Synchronization

/// Counts the server's responses since its start, and how long they took.
public final class Traffic: Middleware {
  private let saved = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)
  private let times = Mutex(Times())

  private struct Times {
    var counts = [Int](repeating: 0, count: Traffic.limits.count + 1)
    var seconds = 0.0
  }

  /// In seconds.
  private static let limits = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

  public init() {}

  /// Responses 201, and responses with a server error.
  var counts: (saves: Int, errors: Int) { (saved.load(ordering: .relaxed), failed.load(ordering: .relaxed)) }

  /// How many took at most each limit in seconds, from the shortest to `+Inf`; their total time and number.
  var durations: (buckets: [(limit: String, count: Int)], seconds: Double, count: Int) {
    let times = times.withLock { $0 }
    var (buckets, sum) = ([(limit: String, count: Int)](), 0)
    for (limit, count) in zip(Traffic.limits.map { String($0) } + ["+Inf"], times.counts) {
      sum += count
      buckets.append((limit, sum))
    }
    return (buckets, times.seconds, sum)
  }

  public func around(_ next: @escaping Handler) -> Handler {
    { request in
      let start = ContinuousClock.now
      return try next(request).map { [self] result in
        if case .success(let response) = result {
          if response.status == 201 { saved.add(1, ordering: .relaxed) }
          if response.status >= 500 { failed.add(1, ordering: .relaxed) }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let place = Traffic.limits.firstIndex { seconds <= $0 } ?? Traffic.limits.count
        times.withLock {
          $0.counts[place] += 1
          $0.seconds += seconds
        }
        return result
      }
    }
  }
}
