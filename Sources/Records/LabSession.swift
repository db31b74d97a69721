import Foundation
import GRDB

/// A sitting in the lab, by the hash of the token that its browser holds.
public struct LabSession: Sendable {
  public var hash: String
  /// Of the one who is in; empty for whoever has the study's secret.
  public var name: String
  /// What tells that the secret or the password is the one by which it began.
  public var proof: String
  public var expires: Date

  public init(hash: String, name: String, proof: String, expires: Date) {
    (self.hash, self.name, self.proof, self.expires) = (hash, name, proof, expires)
  }
}

extension Records {
  /// Keeps a sitting, and forgets those that are over.
  public func keep(_ session: LabSession, then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    let at = Records.time(now())
    let since = now().timeIntervalSince1970
    writer.submit(
      { db in
        try db.execute(sql: "DELETE FROM lab_session WHERE expires <= ?", arguments: [since])
        try db.execute(
          sql: "INSERT INTO lab_session VALUES (?, ?, ?, ?, ?)",
          arguments: [session.hash, session.name, session.proof, at, session.expires.timeIntervalSince1970])
      }, then: then)
  }

  public func labSession(_ hash: String) throws -> LabSession? {
    let row = try read { try Row.fetchOne($0, sql: "SELECT * FROM lab_session WHERE hash = ?", arguments: [hash]) }
    return row.map {
      LabSession(hash: hash, name: $0["name"], proof: $0["proof"], expires: Date(timeIntervalSince1970: $0["expires"]))
    }
  }

  public func endLabSessions(_ hashes: [String], then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    writer.submit(
      { db in
        for hash in hashes { try db.execute(sql: "DELETE FROM lab_session WHERE hash = ?", arguments: [hash]) }
      }, then: then)
  }
}
