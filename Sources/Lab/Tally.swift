import HTTP
import Synchronization

/// Counts what the server has answered since its start.
public final class Tally: Middleware {
  private let saved = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)

  public init() {}

  /// Answers 201, and answers that were the server's fault.
  var counts: (saves: Int, errors: Int) { (saved.load(ordering: .relaxed), failed.load(ordering: .relaxed)) }

  public func around(_ next: @escaping Handler) -> Handler {
    { request in
      try next(request).map { [self] result in
        if case .success(let response) = result {
          if response.status == 201 { saved.add(1, ordering: .relaxed) }
          if response.status >= 500 { failed.add(1, ordering: .relaxed) }
        }
        return result
      }
    }
  }
}
