import Synchronization

/// What was asked for of late, by key. Any thread may use it.
///
/// There are two boards: what is asked for goes to the upper one. When that is full it becomes the lower one, and what nobody
/// has asked for since then is dropped. So what is in use stays, however much passes by.
public final class Recent<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Boards {
    var upper: [Key: Value] = [:]
    var lower: [Key: Value] = [:]
    var upperSize = 0
  }

  private let capacity: Int
  private let size: @Sendable (Value) -> Int
  private let boards = Mutex(Boards())

  /// - Parameters:
  ///   - capacity: the size of all values together is at most this. At least the half of it that was asked for last is kept.
  ///   - size: of a value, above 0. What is larger than a board is not kept.
  public init(capacity: Int, size: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
    self.capacity = capacity
    self.size = size
  }

  /// The value of a key; nil if there is none, or if it was dropped.
  public subscript(key: Key) -> Value? {
    get {
      boards.withLock { boards in
        if let found = boards.upper[key] { return found }
        guard let found = boards.lower.removeValue(forKey: key) else { return nil }
        place(found, key, &boards)
        return found
      }
    }
    set {
      boards.withLock { boards in
        boards.lower[key] = nil
        if let old = boards.upper.removeValue(forKey: key) { boards.upperSize -= size(old) }
        if let newValue { place(newValue, key, &boards) }
      }
    }
  }

  /// Forgets what satisfies a condition.
  public func removeAll(where isLeaving: (Value) -> Bool) {
    boards.withLock { boards in
      boards.lower = boards.lower.filter { !isLeaving($0.value) }
      boards.upper = boards.upper.filter { !isLeaving($0.value) }
      boards.upperSize = boards.upper.values.reduce(0) { $0 + size($1) }
    }
  }

  private func place(_ value: Value, _ key: Key, _ boards: inout Boards) {
    let size = size(value)
    guard size <= capacity / 2 else { return }
    if boards.upperSize + size > capacity / 2 {
      (boards.lower, boards.upper, boards.upperSize) = (boards.upper, [:], 0)
    }
    boards.upper[key] = value
    boards.upperSize += size
  }
}
