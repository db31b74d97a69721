import Foundation
import Synchronization

/// Told how many of how many pieces of a long work are done. May be called from any thread.
public typealias ProgressHandler = @Sendable (_ done: Int, _ total: Int) -> Void

/// Told what is being done; answers with what is to be told how far that is, or nil.
public typealias NamedProgress = @Sendable (_ what: String) -> ProgressHandler?

/// Maps on all cores and returns the results in the order of `items`, so that the number of threads never changes a
/// result. The first error in that order is thrown after the work under way has ended.
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

/// As `parallelMap`, but tries all items, so that everything that is wrong can be mended at once.
/// - Throws: `Problems`, what went wrong with each item in their order, each said once. An error that is no `Problem`
///   is thrown as it is.
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
