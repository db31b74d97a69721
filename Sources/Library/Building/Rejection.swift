import Basics
import Foundation

/// A sound that was left out of a library, and why: a row of `rejected.csv`.
public struct Rejection: Sendable, Equatable {
  /// Why a sound was left out, as docs/library.md tells.
  public enum Reason: String, Sendable, CaseIterable, CustomStringConvertible {
    case unreadable, silent, clipped, duplicate
    case tooShort = "too_short"
    case tooLong = "too_long"
    /// Its name says no drum class.
    case noClass = "no_class"
    /// By its name.
    case notSound = "not_a_sound"
    /// `._x.wav`, which macOS puts beside `x.wav` on foreign disks.
    case sidecar
    /// A variant whose kit serves for validation or test, or that sounds too much like what does.
    case heldOut = "held_out"

    public var description: String { rawValue.replacing("_", with: " ") }
  }

  public var source: String
  public var reason: Reason
  /// What was found, in words.
  public var detail: String

  public init(source: String, reason: Reason, detail: String) {
    self.source = source
    self.reason = reason
    self.detail = detail
  }

  public static let fileName = "rejected.csv"
  public static let columns = ["source", "reason", "detail"]

  /// Writes `rejected.csv` into a folder.
  public static func write(_ rejections: [Rejection], into folder: URL) throws {
    try TableWriter.write(folder.appending(path: fileName), columns: columns) { table in
      for rejection in rejections { try table.row([rejection.source, rejection.reason.rawValue, rejection.detail]) }
    }
  }
}
