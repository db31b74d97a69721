import Foundation

/// A sitting in the lab, by the hash of the token that its browser holds.
public struct LabSession: Sendable {
  /// SHA-256 of the token, which itself is not stored.
  public var hash: String
  /// The name of the person who is signed in; empty for somebody with the study's secret.
  public var name: String
  /// Shows whether the secret or password is still the one that was used to sign in.
  public var proof: String
  /// From this time on, it lets nobody in. It is stored in whole seconds.
  public var expires: Date

  public init(hash: String, name: String, proof: String, expires: Date) {
    (self.hash, self.name, self.proof, self.expires) = (hash, name, proof, expires)
  }
}

extension Records {
  /// Stores a sitting, and deletes those that are over.
  public func keep(_ session: LabSession, then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    let at = Records.time(now())
    let since = now().timeIntervalSince1970
    writer.submit(
      { batch in
        try batch.run("DELETE FROM lab_session WHERE expires <= ?1", since)
        batch.add(
          [session.hash, session.name, session.proof, at, session.expires.timeIntervalSince1970], to: .labSession)
      }, then: then)
  }

  /// The sitting of a token's hash; nil where there is none. It may be over.
  /// - Throws: `RecordsError` where the database fails.
  public func labSession(_ hash: String) throws -> LabSession? {
    let row = try read { try $0.row("SELECT name, proof, expires FROM lab_session WHERE hash = ?1", hash) }
    return try row.map {
      LabSession(
        hash: hash, name: try $0["name"], proof: try $0["proof"],
        expires: Date(timeIntervalSince1970: try $0["expires"]))
    }
  }

  /// Ends sittings, of which some may have ended before.
  public func endLabSessions(_ hashes: [String], then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    writer.submit(
      { batch in
        for hash in hashes { try batch.run("DELETE FROM lab_session WHERE hash = ?1", hash) }
      }, then: then)
  }
}
