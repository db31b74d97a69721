import Basics
import Foundation

/// The experimenter's secret: created at the first start, and kept in a file that only its owner can read.
public struct ExperimenterSecret: Sendable {
  /// Without blanks around it. One that is made at random has 192 bits, in 32 characters.
  public let text: String
  /// It was created just now: nobody knows it yet.
  public let isNew: Bool

  /// Reads it, or creates it.
  /// - Parameter made: the secret to create if there is none yet; random if it is nil.
  public static func load(_ file: URL, otherwise made: String? = nil) throws -> ExperimenterSecret {
    if let text = try? InputFile.text(file) {
      let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard secret.utf8.count >= 22 else {
        throw Problem(
          "the experimenter's secret is too short", at: Place(file: file.path),
          mend: "Delete the file: the next start creates a new one.")
      }
      return ExperimenterSecret(text: secret, isNew: false)
    }
    let secret = made ?? Secret.urlText(Secret.random(24))
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Problem(
        "the experimenter's secret cannot be written", at: Place(file: file.path),
        mend: "Check that the folder exists and is yours.")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data((secret + "\n").utf8))
    try handle.synchronize()
    return ExperimenterSecret(text: secret, isNew: true)
  }
}
