import Basics
import Foundation
import HTTP
import Records
import Synchronization

/// Tells who is at the door: participants by their token, the experimenter by the secret.
final class Doorkeeper: Sendable {
  private let programme: Programme
  private let records: Records
  /// Tokens and entity tags are made from it; it never leaves the records.
  private let key: Data
  private let secret: String
  private let sittings = Mutex<[String: Sitting]>([:])
  private static let keptSittings = 500

  init(programme: Programme, records: Records, secret: String) throws {
    self.programme = programme
    self.records = records
    self.secret = secret
    key = try records.key("tokens")
  }

  // MARK: Participants

  /// The token of the session that a browser begins with its key: 192 bits that only this server can make. A retry of
  /// the same request therefore gets the same token, although only its hash is stored.
  func token(forKey key: String) -> String {
    Secret.urlText(Secret.authenticate("session \(key)", key: self.key).prefix(24))
  }

  /// - Throws: `Refusal`: the token opens nothing, or the study's design has changed since.
  func sitting(_ request: Request) throws -> Sitting {
    let token = request.parameter("token")
    if let known = sittings.withLock({ $0[token] }) { return known }
    let session = try session(token)
    guard isOn(session) else { throw Refusal.studyChanged }
    let sitting = Sitting(session: session, token: token, stage: programme.now)
    sittings.withLock {
      if $0.count >= Doorkeeper.keptSittings { $0.removeAll(keepingCapacity: true) }
      $0[token] = sitting
    }
    return sitting
  }

  /// The session that a token opens, whatever became of its study.
  /// - Throws: `Refusal`: the token opens nothing.
  func session(_ token: String) throws -> Session {
    guard token.utf8.count == 32, let session = try records.session(tokenHash: ContentHash.of(token)) else {
      throw Refusal.unknownToken
    }
    return session
  }

  /// Whether a session is of the design that is on.
  func isOn(_ session: Session) -> Bool { programme.versions.contains(session.studyVersion) }

  /// A code for `what` that can be recomputed here and tells nobody else anything.
  func code(_ what: String) -> Data { Secret.authenticate(what, key: key) }

  // MARK: Invitations

  /// What stands in the link of an invitation, by its number: only this server can make it.
  func invitation(_ number: Int) -> String { "\(number)-\(Secret.urlText(code("invitation \(number)").prefix(15)))" }

  /// The number of an invitation; nil where it is none.
  func invited(by text: String) -> Int? {
    guard let number = text.split(separator: "-", maxSplits: 1).first.flatMap({ Int($0) }), number > 0,
      Secret.areEqual(text, invitation(number))
    else { return nil }
    return number
  }

  // MARK: The experimenter

  static let cookieName = "earshot_lab"

  func isSecret(_ text: String) -> Bool { Secret.areEqual(text, secret) }

  /// What the browser keeps: made from the secret, but not the secret.
  var cookie: String {
    Secret.urlText(Secret.authenticate("experimenter", key: Data(secret.utf8)))
  }

  /// - Throws: `Refusal` for all but the experimenter.
  func checkExperimenter(_ request: Request) throws {
    let cookie = cookie
    guard request.cookies(Doorkeeper.cookieName).contains(where: { Secret.areEqual($0, cookie) }) else {
      throw Refusal.experimenterOnly
    }
  }
}

/// The experimenter's secret: made at the first start, kept in a file that only its owner can read.
public enum ExperimenterSecret {
  public static func load(_ file: URL) throws -> String {
    if let text = try? InputFile.text(file) {
      let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard secret.utf8.count >= 22 else {
        throw Problem(
          "the experimenter's secret is too short", at: Place(file: file.path),
          mend: "Delete the file: the next start makes a new one.")
      }
      return secret
    }
    let secret = Secret.urlText(Secret.random(24))
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Problem(
        "the experimenter's secret cannot be written", at: Place(file: file.path),
        mend: "Check that the folder exists and is yours.")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data((secret + "\n").utf8))
    try handle.synchronize()
    return secret
  }
}
