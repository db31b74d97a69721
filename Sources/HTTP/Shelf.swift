import Synchronization

/// Lasting responses, kept by the requested target, so that another request needs neither a handler nor a file.
///
/// It keeps at most `capacity` bytes of bodies. There are two boards: what is requested goes to the upper one. When that is
/// full it becomes the lower one, and what nobody has requested since then is dropped.
final class Shelf: Sendable {
  private struct Boards {
    var upper: [String: WireResponse] = [:]
    var lower: [String: WireResponse] = [:]
    var upperSize = 0
  }

  private let capacity: Int
  private let boards = Mutex(Boards())

  init(capacity: Int) { self.capacity = capacity }

  func response(to target: String) -> WireResponse? {
    boards.withLock { boards in
      if let found = boards.upper[target] { return found }
      guard let found = boards.lower.removeValue(forKey: target) else { return nil }
      place(found, target, &boards)
      return found
    }
  }

  func put(_ response: WireResponse, for target: String) {
    boards.withLock { boards in
      boards.lower[target] = nil
      if boards.upper[target] == nil { place(response, target, &boards) }
    }
  }

  private func place(_ response: WireResponse, _ target: String, _ boards: inout Boards) {
    // The target and the headers take some room too.
    let size = response.size + 2048
    guard size <= capacity / 2 else { return }
    if boards.upperSize + size > capacity / 2 {
      (boards.lower, boards.upper, boards.upperSize) = (boards.upper, [:], 0)
    }
    boards.upper[target] = response
    boards.upperSize += size
  }
}
