import Foundation
import Synchronization

/// Commits the changes of many clients together: one thread takes all that are waiting, makes them in one transaction, and
/// answers each client only after the transaction is durable.
///
/// A change first decides, from what it reads, whether it can be made, and it changes nothing if it throws. So one that
/// cannot be made does not undo any of the others. If the database refuses a row, each of the changes is tried in its own
/// transaction, so that only that one fails.
final class GroupCommit: Sendable {
  /// `@unchecked`: `perform` and `conclude` run on the writer's thread only.
  private final class Job: @unchecked Sendable {
    let needs: Batch.Needs
    let perform: (Batch) throws -> Void
    let conclude: ((any Error)?) -> Void

    init(
      _ needs: Batch.Needs, perform: @escaping (Batch) throws -> Void, conclude: @escaping ((any Error)?) -> Void
    ) {
      self.needs = needs
      self.perform = perform
      self.conclude = conclude
    }
  }

  private struct Queue {
    var jobs: [Job] = []
    var isClosed = false
    var commits = Commits()
  }

  /// Transactions since the start, and how long they took.
  struct Commits {
    var count = 0
    var seconds = 0.0
  }

  var waiting: Int { queue.withLock { $0.jobs.count } }
  var commits: Commits { queue.withLock { $0.commits } }

  /// No more than this many are queued: the rest would be answered too late to be useful.
  static let longestQueue = 20_000
  private static let largestBatch = 1_000
  /// Fewer than this many are gathered first, where the storage wants that and the last transaction had more than one. So
  /// changes that come one at a time do not wait.
  private static let few = 6

  private let storage: any RecordStorage
  private let queue = Mutex(Queue())
  private let work = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ storage: any RecordStorage) {
    self.storage = storage
    let thread = Thread { [self] in run() }
    thread.name = "records"
    thread.start()
  }

  /// `then` is called on the writer's thread, after the commit. `change` may be called more than once, and throws before
  /// it changes anything.
  func submit<T: Sendable>(
    needing needs: Batch.Needs = .init(), _ change: @escaping @Sendable (Batch) throws -> T,
    then: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    var result: Result<T, any Error>?
    let job = Job(
      needs,
      perform: { batch in
        do { result = .success(try change(batch)) } catch let error as RecordsError where !error.isOfStorage {
          result = .failure(error)
        }
      },
      conclude: { error in
        then(error.map { .failure($0) } ?? result ?? .failure(RecordsError.unavailable(Outage("not run"))))
      }
    )
    let isQueued = queue.withLock { queue in
      guard !queue.isClosed, queue.jobs.count < GroupCommit.longestQueue else { return false }
      queue.jobs.append(job)
      return true
    }
    if isQueued { work.signal() } else { job.conclude(RecordsError.unavailable(Outage("too much is waiting"))) }
  }

  /// Makes a change and waits until it is durable.
  func wait<T: Sendable>(_ change: @escaping @Sendable (Batch) throws -> T) throws -> T {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<T, any Error>?>(nil)
    submit(change) { outcome in
      result.withLock { $0 = outcome }
      done.signal()
    }
    done.wait()
    guard let result = result.withLock({ $0 }) else { throw RecordsError.unavailable(Outage("not run")) }
    return try result.get()
  }

  /// Commits what is waiting and accepts nothing more.
  func close() {
    let wasClosed = queue.withLock { queue in
      defer { queue.isClosed = true }
      return queue.isClosed
    }
    guard !wasClosed else { return }
    work.signal()
    ended.wait()
  }

  private func run() {
    var last = 0
    while true {
      work.wait()
      if last > 1, storage.gathering > 0, waiting < GroupCommit.few { usleep(storage.gathering) }
      let (batch, isClosed) = queue.withLock { queue in
        let batch = Array(queue.jobs.prefix(GroupCommit.largestBatch))
        queue.jobs.removeFirst(batch.count)
        return (batch, queue.isClosed && queue.jobs.isEmpty)
      }
      if !batch.isEmpty {
        commit(batch)
        last = batch.count
      }
      if isClosed { break }
    }
    ended.signal()
  }

  private func commit(_ batch: [Job]) {
    let start = ContinuousClock.now
    let failure = attempt(batch)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    queue.withLock {
      $0.commits.count += 1
      $0.commits.seconds += seconds
    }
    if let failure, batch.count > 1, (failure as? RecordsError)?.isOfStorage != true {
      for job in batch { job.conclude(attempt([job])) }
    } else {
      for job in batch { job.conclude(failure) }
    }
  }

  private func attempt(_ jobs: [Job]) -> (any Error)? {
    do {
      try storage.transaction { db in
        let batch = try Batch(db, jobs.map(\.needs))
        for job in jobs { try job.perform(batch) }
        try batch.flush()
      }
      return nil
    } catch { return error }
  }
}
