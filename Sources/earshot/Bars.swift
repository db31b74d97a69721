import Basics
import Synchronization

/// One progress bar after another, for a task of several steps.
final class Bars: Sendable {
  private let current = Mutex<ProgressBar?>(nil)

  /// Removes the bar of the previous step.
  func handler(_ label: String) -> ProgressHandler {
    let bar = ProgressBar(label)
    current.withLock {
      $0?.finish()
      $0 = bar
    }
    return bar.handler
  }

  func finish() {
    current.withLock {
      $0?.finish()
      $0 = nil
    }
  }
}
