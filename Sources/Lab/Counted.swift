import Dispatch
import Records
import Synchronization

/// How a study is going, for every dashboard that asks. It is counted outside the server's threads.
///
/// As long as counting is quick, it is done again for every request. If it takes longer, all requests get the last counts,
/// which are renewed in the background so seldom that this takes a twentieth of the time. However large a study grows, and
/// however many people watch it, no save waits for it.
final class Counted: Sendable {
  private struct State {
    var last: (overview: Overview, at: ContinuousClock.Instant, cost: Duration)?
    var isCounting = false
  }

  private let records: Records
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "overview")
  private let quick: Duration
  private static let share = 20

  /// - Parameter quick: counting that takes no longer than this is done for every request.
  init(_ records: Records, quick: Duration = .milliseconds(40)) {
    self.records = records
    self.quick = quick
  }

  /// - Parameter then: the counts, and how many seconds old they are.
  func overview(then: @escaping @Sendable (Result<(overview: Overview, age: Int), any Error>) -> Void) {
    let (known, isDue) = state.withLock { state in
      guard let last = state.last, last.cost > quick else { return (nil as (Overview, Int)?, false) }
      let age = ContinuousClock.now - last.at
      let isDue = !state.isCounting && age > last.cost * Counted.share
      if isDue { state.isCounting = true }
      return ((last.overview, Int(age / .seconds(1))), isDue)
    }
    if let known { then(.success(known)) }
    guard known == nil || isDue else { return }
    queue.async { [self] in
      let result = Result { try count() }
      if known == nil { then(result.map { ($0, 0) }) }
    }
  }

  private func count() throws -> Overview {
    defer { state.withLock { $0.isCounting = false } }
    let start = ContinuousClock.now
    let overview = try records.overview()
    let end = ContinuousClock.now
    state.withLock { $0.last = (overview, end, end - start) }
    return overview
  }
}
