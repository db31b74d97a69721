import Basics
import Foundation
import Synchronization

/// A line on the terminal that says how far a long task is and how long it will take. It prints nothing if standard error
/// is not a terminal, so that logs and pipes stay clean.
///
/// ```
/// let bar = ProgressBar("decoding")
/// let clips = try parallelMap(files, progress: bar.handler) { … }
/// bar.finish()
/// ```
final class ProgressBar: Sendable {
  private let label: String
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  private let shown = Mutex<(time: ContinuousClock.Instant, done: Int)?>(nil)

  init(_ label: String) { self.label = label }

  /// The handler to pass to the task.
  var handler: ProgressHandler { { [self] done, total in update(done, total) } }

  func update(_ done: Int, _ total: Int) {
    guard isTerminal, total > 0 else { return }
    shown.withLock { last in
      let now = ContinuousClock.now
      if let last, done < total, done <= last.done || now - last.time < .milliseconds(100) { return }
      last = (now, max(done, last?.done ?? 0))
      write(Self.line(label, done: done, total: total, elapsed: (now - start) / .seconds(1)))
    }
  }

  /// Removes the line.
  func finish() {
    guard isTerminal else { return }
    shown.withLock { last in if last != nil { write("") } }
  }

  /// `decoding  ━━━━━━━━────────────  40 %  12 of 30, 3 s left`
  static func line(_ label: String, done: Int, total: Int, elapsed: Double) -> String {
    let share = min(1, Double(done) / Double(total))
    let width = 24
    let full = Int((share * Double(width)).rounded())
    let bar = String(repeating: "━", count: full) + String(repeating: "─", count: width - full)
    let left = share > 0 && done < total && elapsed > 0.5 ? ", \(time(elapsed / share - elapsed)) left" : ""
    // What is one piece is either not done or done.
    return total == 1 ? "\(label)" : "\(label)  \(bar)  \(Int(share * 100)) %  \(done) of \(total)\(left)"
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }

  private func write(_ line: String) {
    FileHandle.standardError.write(Data("\r\u{1b}[2K\(line)".utf8))
  }
}
