import Foundation
import GRDB
import Synchronization

/// Commits the changes of many clients together: one thread takes all that wait, makes them in one transaction, and
/// tells each client only after the transaction is durably on the disk. A change that fails takes back only itself; a
/// transaction that fails takes back, and fails, all of them.
final class GroupCommit: Sendable {
  /// `@unchecked`: `perform` and `conclude` run on the writer's thread only.
  private final class Job: @unchecked Sendable {
    let perform: (Database) throws -> Void
    let conclude: ((any Error)?) -> Void

    init(perform: @escaping (Database) throws -> Void, conclude: @escaping ((any Error)?) -> Void) {
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

  /// More than this is not queued: it would be answered too late to be of use.
  static let longestQueue = 20_000
  private static let largestBatch = 1_000

  private let pool: DatabasePool
  private let watch: DatabaseWatch
  private let queue = Mutex(Queue())
  private let work = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ pool: DatabasePool, _ watch: DatabaseWatch) {
    self.pool = pool
    self.watch = watch
    let thread = Thread { [self] in run() }
    thread.name = "records"
    thread.start()
  }

  /// `then` is called on the writer's thread, after the commit.
  func submit<T: Sendable>(
    _ change: @escaping @Sendable (Database) throws -> T, then: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    var result: Result<T, any Error>?
    let job = Job(
      perform: { db in
        // A change that fails on its own is taken back by its savepoint; storage errors go on to fail the batch.
        do {
          var made: T?
          try db.inSavepoint {
            made = try change(db)
            return .commit
          }
          result = made.map { .success($0) }
        } catch {
          if let storage = RecordsError.ofStorage(error) { throw storage }
          result = .failure(error)
        }
      },
      conclude: { error in then(error.map { .failure($0) } ?? result ?? .failure(RecordsError.unavailable("not run"))) }
    )
    let isQueued = queue.withLock { queue in
      guard !queue.isClosed, queue.jobs.count < GroupCommit.longestQueue else { return false }
      queue.jobs.append(job)
      return true
    }
    if isQueued { work.signal() } else { job.conclude(RecordsError.unavailable("too much is waiting")) }
  }

  /// Commits what waits and takes nothing more.
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
    while true {
      work.wait()
      let (batch, isClosed) = queue.withLock { queue in
        let batch = Array(queue.jobs.prefix(GroupCommit.largestBatch))
        queue.jobs.removeFirst(batch.count)
        return (batch, queue.isClosed && queue.jobs.isEmpty)
      }
      if !batch.isEmpty { commit(batch) }
      if isClosed { break }
    }
    ended.signal()
  }

  private func commit(_ batch: [Job]) {
    var failure: (any Error)?
    let start = ContinuousClock.now
    do {
      try pool.writeWithoutTransaction { db in
        try watch.check(db)
        try db.inTransaction(.immediate) {
          for job in batch { try job.perform(db) }
          return .commit
        }
        // What was moved away meanwhile has taken these changes with it: they are told as not saved.
        try watch.check(db)
      }
    } catch { failure = RecordsError.ofStorage(error) ?? error }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    queue.withLock {
      $0.commits.count += 1
      $0.commits.seconds += seconds
    }
    for job in batch { job.conclude(failure) }
  }
}
