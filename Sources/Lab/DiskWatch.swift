import Dispatch
import Foundation
import Logging

/// Watches the free space on the disk of the data folder, and says in the log and on the dashboard when it runs out, before
/// saving fails.
public final class DiskWatch: Sendable {
  /// Whether there is enough space, little, or practically none.
  public enum State: String, Sendable { case fine, low, full }

  /// Below these limits, in bytes, the disk counts as full and as nearly full. A thousand sessions take about 100 MB.
  static let (full, low) = (64 << 20, 1 << 30)
  private static let interval = DispatchTimeInterval.seconds(30)

  private let measure: @Sendable () -> Int?
  private let logger: Logger
  /// Created at the beginning and cancelled at the end.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer
  private let queue = DispatchQueue(label: "disk")
  /// What was logged last. On the queue only.
  private nonisolated(unsafe) var told = State.fine

  /// - Parameter measure: returns how many bytes can still be written; nil if the system does not say.
  public init(logger: Logger, measure: @escaping @Sendable () -> Int?) {
    (self.measure, self.logger) = (measure, logger)
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now(), repeating: DiskWatch.interval)
    timer.setEventHandler { [weak self] in self?.tell() }
    timer.activate()
  }

  deinit { timer.cancel() }

  /// The free space on the disk of a folder.
  convenience init(_ folder: URL, logger: Logger) {
    self.init(logger: logger) {
      var status = statvfs()
      guard statvfs(folder.path, &status) == 0 else { return nil }
      let bytes = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
      return Int(clamping: bytes)
    }
  }

  var free: Int? { measure() }

  /// Measured at this moment; `fine` if the system does not say how much is free.
  public var state: State { DiskWatch.state(free) }

  private static func state(_ free: Int?) -> State {
    guard let free else { return .fine }
    return free < full ? .full : free < low ? .low : .fine
  }

  /// Checks now, and waits until the result is logged.
  public func look() { queue.sync { tell() } }

  private func tell() {
    let free = free
    let state = DiskWatch.state(free)
    guard state != told else { return }
    told = state
    let room: Logger.Metadata = ["free_mb": "\((free ?? 0) >> 20)"]
    switch state {
    case .fine: logger.notice("the disk has room again", metadata: room)
    case .low: logger.warning("the disk of the data folder is nearly full: free some space", metadata: room)
    case .full: logger.critical("the disk of the data folder is full: saving may soon fail", metadata: room)
    }
  }
}
