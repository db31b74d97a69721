import Basics
import Foundation
import HTTP
import Records

/// Identifies participants by their token, and invited listeners by their link.
final class Doorkeeper: Sendable {
  private let programme: Programme
  private let records: Records
  /// The key from which tokens and entity tags are made. It never leaves the records.
  private let key: Data
  /// By token. To make one again, the records are read and a session is planned, so there must be room for all who listen at once.
  private let sittings = Recent<String, Sitting>(capacity: 64 << 20, size: \.bytes)

  init(programme: Programme, records: Records) throws {
    self.programme = programme
    self.records = records
    key = try records.key("tokens")
  }

  // MARK: Participants

  /// The token of the session that a browser begins with its key: 192 bits that only this server can compute. So a retry of
  /// the same request gets the same token, although only its hash is stored.
  func token(forKey key: String) -> String {
    Secret.urlText(Secret.authenticate("session \(key)", key: self.key).prefix(24))
  }

  /// - Throws: a `Refusal` if the token opens nothing, or if the study's design has changed since.
  func sitting(_ request: Request) throws -> Sitting {
    let token = request.parameter("token")
    if let known = sittings[token] { return known }
    let session = try session(token)
    guard isOn(session) else { throw Refusal.studyChanged }
    let sitting = Sitting(session: session, token: token, code: returnCode(of: session.id), stage: programme.now)
    sittings[token] = sitting
    return sitting
  }

  /// The session that a token opens, even if the study's design has changed.
  /// - Throws: a `Refusal` if the token opens nothing.
  func session(_ token: String) throws -> Session {
    guard token.utf8.count == 32, let session = try records.session(tokenHash: ContentHash.of(token)) else {
      throw Refusal.unknownToken
    }
    return session
  }

  /// Whether a session belongs to the present design.
  func isOn(_ session: Session) -> Bool { programme.versions.contains(session.studyVersion) }

  /// Forgets a deleted session, so that its token opens nothing any more.
  func forget(session: Int) {
    sittings.removeAll { $0.session.id == session }
  }

  /// A code for `what` that can be recomputed here and says nothing to anybody else.
  func code(_ what: String) -> Data { Secret.authenticate(what, key: key) }

  // MARK: Coming back

  /// Crockford's base 32: no letter looks like a digit, and none is misheard when read aloud.
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
  /// The last digits of a code, which only this server can compute.
  private static let sealDigits = 8

  /// What a listener writes down to continue on another device: short enough to type. Only this server can compute its last
  /// 40 bits; wrong codes are slowed down where they arrive.
  func returnCode(of session: Int) -> String {
    var number: [Character] = []
    var rest = session
    while rest > 0 || number.count < 4 {
      number.insert(Doorkeeper.digits[rest % 32], at: 0)
      rest /= 32
    }
    let bits = code("return code \(session)").prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let seal = (0..<Doorkeeper.sealDigits).reversed().map { place in
      let digit = (bits >> (5 * UInt64(place))) & 31
      return Doorkeeper.digits[Int(digit)]
    }
    let all = number + seal
    let first = all.count % 4 == 0 ? 4 : all.count % 4
    var parts = [String(all[..<first])]
    for start in stride(from: first, to: all.count, by: 4) { parts.append(String(all[start..<start + 4])) }
    return parts.joined(separator: "-")
  }

  /// The session of a return code, however it was typed; nil if it is not one.
  func session(ofReturnCode text: String) -> Int? {
    let alike: [Character: Character] = ["O": "0", "I": "1", "L": "1"]
    let typed = text.uppercased().filter { !" -–—".contains($0) }.map { alike[$0] ?? $0 }
    let number = typed.dropLast(Doorkeeper.sealDigits)
    guard (4...10).contains(number.count) else { return nil }
    var session = 0
    for digit in number {
      guard let value = Doorkeeper.digits.firstIndex(of: digit) else { return nil }
      session = session * 32 + value
    }
    let right = returnCode(of: session).filter { $0 != "-" }
    return Secret.areEqual(String(typed), right) ? session : nil
  }

  // MARK: Invitations

  /// The code in the link of an invitation, by the invitation's number: only this server can compute it.
  func invitation(_ number: Int) -> String { "\(number)-\(Secret.urlText(code("invitation \(number)").prefix(15)))" }

  /// The number of an invitation; nil if it is not one.
  func invited(by text: String) -> Int? {
    guard let number = text.split(separator: "-", maxSplits: 1).first.flatMap({ Int($0) }), number > 0,
      Secret.areEqual(text, invitation(number))
    else { return nil }
    return number
  }
}
