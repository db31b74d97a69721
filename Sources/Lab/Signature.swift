import Basics
import Foundation
import Study

/// Proves to a panel that the address with which a listener returns was made here: `{signature}` in a redirect.
///
/// It is the HMAC-SHA256, in lowercase hexadecimal digits, of the completed address up to the parameter that contains the
/// signature (without the `?` or `&` before it). The key is the panel's, in the file `panel-key` of the data folder: its
/// bytes without surrounding blanks and line ends.
struct Signature: Sendable {
  private let key: Data

  /// - Returns: nil if no redirect of the study is signed.
  /// - Throws: a `Problem` if one is, but there is no key.
  init?(_ definition: StudyDefinition, data: URL) throws {
    guard Outcome.allCases.contains(where: { Self.place(in: definition.wayOut($0).redirect ?? "") != nil }),
      !definition.joining.keep.contains(StudyDefinition.Finish.signature)
    else { return nil }
    let file = data.appending(path: "panel-key")
    let text = (try? InputFile.text(file))?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard text.utf8.count >= 16 else {
      throw Problem(
        text.isEmpty
          ? "a redirect contains {signature}, but there is no key to sign with" : "the key to sign with is too short",
        at: Place(file: file.path),
        mend: "Write the key that you share with the panel there, at least 16 characters, and 'chmod 600' it.")
    }
    key = Data(text.utf8)
  }

  private static let mark = "{\(StudyDefinition.Finish.signature)}"

  private static func place(in address: String) -> Range<String.Index>? { address.range(of: mark) }

  /// Signs an address that is complete except for the signature.
  func signed(_ address: String) -> String {
    guard let place = Self.place(in: address) else { return address }
    let before = address[..<place.lowerBound]
    let text = before.lastIndex { $0 == "?" || $0 == "&" }.map { before[..<$0] } ?? before
    let code = Secret.authenticate(String(text), key: key).map { String(format: "%02x", $0) }.joined()
    return address.replacing(Self.mark, with: code)
  }
}
