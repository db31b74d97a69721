import Dispatch
import Synchronization

/// Makes the items of a sequence on other threads before they are needed, and hands them out in order. The result is
/// the same as without it, only sooner.
final class Ahead<Item: Sendable>: Sendable {
  private final class Place: Sendable {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Item, any Error>?>(nil)
  }

  private let make: @Sendable (Int) throws -> Item
  private let queue = DispatchQueue(label: "ahead", qos: .userInitiated, attributes: .concurrent)
  private let places: Mutex<[Int: Place]>
  private let depth: Int

  /// - Parameters:
  ///   - first: number of the item that is requested first.
  ///   - depth: how many items are being made or kept at a time, at least 1.
  init(from first: Int, depth: Int, _ make: @escaping @Sendable (Int) throws -> Item) {
    self.make = make
    self.depth = depth
    places = Mutex([:])
    for i in first..<first + depth { start(i) }
  }

  /// Waits for an item. Each item is requested once, and in order.
  func item(_ i: Int) throws -> Item {
    let place = places.withLock { $0.removeValue(forKey: i) }
    guard let place else { preconditionFailure("items are asked for in order") }
    place.done.wait()
    start(i + depth)
    guard let result = place.result.withLock(\.self) else { preconditionFailure("what is done has a result") }
    return try result.get()
  }

  private func start(_ i: Int) {
    let place = Place()
    places.withLock { $0[i] = place }
    queue.async { [make] in
      let result = Result { try make(i) }
      place.result.withLock { $0 = result }
      place.done.signal()
    }
  }
}
