import Basics
import Foundation

/// A sound that was left out of a library, with the reason: a row of `rejected.csv`.
public struct Rejection: Sendable, Equatable {
  /// Why a sound was left out. docs/library.md explains the reasons.
  public enum Reason: String, Sendable, CaseIterable, CustomStringConvertible {
    case unreadable, silent, clipped, duplicate
    case tooShort = "too_short"
    case tooLong = "too_long"
    /// Its name does not contain a drum class.
    case noClass = "no_class"
    /// Its name shows that it is not a sound file.
    case notSound = "not_a_sound"
    /// `._x.wav`, which macOS writes beside `x.wav` on foreign file systems.
    case sidecar
    /// A variant whose kit is in validation or test, or that sounds too similar to a sound that is.
    case heldOut = "held_out"

    public var description: String { rawValue.replacing("_", with: " ") }
  }

  /// The package and the path inside it, or the user's file.
  public var source: String
  /// Why it was left out.
  public var reason: Reason
  /// What was found, in words.
  public var detail: String

  public init(source: String, reason: Reason, detail: String) {
    self.source = source
    self.reason = reason
    self.detail = detail
  }

  /// The name of the table in a library's folder.
  public static let fileName = "rejected.csv"
  /// The header of the table.
  public static let columns = ["source", "reason", "detail"]

  /// Writes `rejected.csv` into a folder.
  public static func write(_ rejections: [Rejection], into folder: URL) throws {
    try TableWriter.write(folder.appending(path: fileName), columns: columns) { table in
      for rejection in rejections { try table.row([rejection.source, rejection.reason.rawValue, rejection.detail]) }
    }
  }
}
