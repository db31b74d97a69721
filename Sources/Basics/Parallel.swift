import Foundation
import Synchronization

/// Reports how many pieces of a long task are done, and of how many. May be called from any thread.
public typealias ProgressHandler = @Sendable (_ done: Int, _ total: Int) -> Void

/// Reports the name of the step that begins. Returns a handler for the progress of that step, or nil.
public typealias NamedProgress = @Sendable (_ what: String) -> ProgressHandler?

/// Maps on all cores and returns the results in the order of `items`, so that the number of threads never changes a
/// result. After an error no further items start; once the running ones have ended, the first error in that order is
/// thrown.
public func parallelMap<Item: Sendable, Result: Sendable>(
  _ items: [Item], progress: ProgressHandler? = nil, _ body: @Sendable (Item) throws -> Result
) throws -> [Result] {
  let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: items.count))
  let done = Atomic<Int>(0)
  let failed = Atomic<Bool>(false)
  DispatchQueue.concurrentPerform(iterations: items.count) { i in
    if failed.load(ordering: .relaxed) { return }
    let result = Swift.Result { try body(items[i]) }
    if case .failure = result { failed.store(true, ordering: .relaxed) }
    results.withLock { $0[i] = result }
    let count = done.add(1, ordering: .relaxed).newValue
    progress?(count, items.count)
  }
  let all = results.withLock(\.self)
  for case .failure(let error)? in all { throw error }
  return all.compactMap { try? $0?.get() }
}

/// Like `parallelMap`, but tries all items, so that everything that is wrong can be fixed at once.
/// - Throws: `Problems`, with what went wrong in the order of the items and without duplicates. An error that is not a
///   `Problem` is thrown as it is.
public func parallelMapTellingAll<Item: Sendable, Result: Sendable>(
  _ items: [Item], progress: ProgressHandler? = nil, _ body: @Sendable (Item) throws -> Result
) throws -> [Result] {
  let results = try parallelMap(items, progress: progress) { item in Swift.Result { try body(item) } }
  var problems: [Problem] = []
  for case .failure(let error) in results {
    let found = (error as? Problems)?.list ?? (error as? Problem).map { [$0] }
    guard let found else { throw error }
    problems += found.filter { !problems.contains($0) }
  }
  guard problems.isEmpty else { throw Problems(problems) }
  return try results.map { try $0.get() }
}
